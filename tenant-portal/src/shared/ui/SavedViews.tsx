/// A small button in the filter bar: saves the present filters under a name, shows what was saved, picks and removes.
import CloseOutlined from '@ant-design/icons/CloseOutlined';
import StarFilled from '@ant-design/icons/StarFilled';
import StarOutlined from '@ant-design/icons/StarOutlined';
import { Button, Input, Popover, Tooltip } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NAME_MOST, useSavedViews, VIEWS_MOST, type View } from '@/shared/saved-views';
import { useNotice } from './notice';

export type Viewed<K extends string> = {
  list: string;
  filters: Readonly<Record<K, string>>;
  /** Filters that are typed freely: left out of a view, and emptied when one is picked. */
  searched?: readonly K[];
  onPick: (filters: Partial<Record<K, string | null>>) => void;
};

export function SavedViews<K extends string>({ list, filters, searched = [], onPick }: Viewed<K>) {
  const { t } = useTranslation();
  const notice = useNotice();
  const { views, save, remove, restore } = useSavedViews(list);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const button = useRef<HTMLButtonElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const names = Object.keys(filters) as K[];
  const present = Object.fromEntries(names.filter((n) => filters[n] && !searched.includes(n)).map((n) => [n, filters[n]])) as Record<string, string>;
  const nothing = Object.keys(present).length === 0;
  const shown = nothing ? undefined : views.find((v) => names.every((n) => (v.filters[n] ?? '') === (present[n] ?? '')));
  const name = typed.trim();
  const full = views.length >= VIEWS_MOST && !views.some((v) => v.name === name);
  const note = nothing ? t('views.nothing') : full ? t('views.full', { n: VIEWS_MOST }) : searched.length > 0 && t('views.note');
  const what = t(views.length === 0 ? 'views.save' : 'views.saved');

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const pick = (view: View) => {
    close();
    onPick(Object.fromEntries(names.map((n) => [n, (searched.includes(n) ? undefined : view.filters[n]) ?? null])) as Partial<Record<K, string | null>>);
  };
  const keep = () => {
    if (!name || nothing || full) return;
    save({ name, filters: present });
    setTyped('');
    close();
    notice.done(t('views.done', { name }));
  };
  const drop = (view: View, at: number) => {
    remove(view.name);
    content.current?.focus();
    notice.undoable(t('views.removed', { name: view.name }), () => restore(view, at));
  };

  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      arrow={false}
      open={open}
      onOpenChange={setOpen}
      afterOpenChange={(is) => is && (content.current?.querySelector<HTMLElement>('button:not(:disabled), input:not(:disabled)') ?? content.current)?.focus()}
      styles={{ container: { padding: 8, border: '1px solid var(--bb-line)' } }}
      content={
        <div ref={content} role="dialog" aria-label={what} tabIndex={-1} className="bb-views" onKeyDown={(e) => e.key === 'Escape' && close()}>
          {views.length > 0 && (
            <ul>
              {views.map((view, at) => (
                <li key={view.name}>
                  <button type="button" aria-current={view === shown || undefined} onClick={() => pick(view)}>
                    {view.name}
                  </button>
                  <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('views.remove', { name: view.name })} onClick={() => drop(view, at)} />
                </li>
              ))}
            </ul>
          )}
          <form
            onSubmit={(e) => {
              e.preventDefault();
              keep();
            }}
          >
            <Input size="small" aria-label={t('views.name')} placeholder={t('views.name')} maxLength={NAME_MOST} disabled={nothing} value={typed} onChange={(e) => setTyped(e.target.value)} />
            <Button size="small" type="primary" htmlType="submit" disabled={nothing || !name || full}>
              {t('common.save')}
            </Button>
          </form>
          {note && <p>{note}</p>}
        </div>
      }
    >
      <Tooltip title={open ? '' : searched.length > 0 ? `${what}${t('views.hint')}` : what}>
        <Button ref={button} type="text" className="bb-views-button" aria-label={what} aria-haspopup="dialog" aria-expanded={open} disabled={views.length === 0 && nothing} icon={shown ? <StarFilled /> : <StarOutlined />} />
      </Tooltip>
    </Popover>
  );
}
