/// Fields of the flow form. Each carries its place in the flow, so that a finding can point at it.
import { Button, Input, Select } from 'antd';
import ArrowDownOutlined from '@ant-design/icons/ArrowDownOutlined';
import ArrowUpOutlined from '@ant-design/icons/ArrowUpOutlined';
import DeleteOutlined from '@ant-design/icons/DeleteOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { word } from '@/shared/domain/tags';
import { useFlow } from './editor';
import { BUILTIN, pointer, type Flow, type Path } from './flow';

export function Field({ label, path, hint, children }: { label: ReactNode; path: Path; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="bb-field" data-path={pointer(path)}>
      <div className="bb-field-label">{label}</div>
      {children}
      {hint && <div className="bb-field-hint">{hint}</div>}
    </div>
  );
}

/** Spoken text; `{name}` is a variable. */
export function Spoken({ path, value, label, rows = 2 }: { path: Path; value: string | undefined; label: string; rows?: number }) {
  const { set } = useFlow();
  return <Input.TextArea aria-label={label} value={value ?? ''} autoSize={{ minRows: rows, maxRows: 8 }} maxLength={600} onChange={(e) => set(path, e.target.value)} />;
}

export function SpokenList({ path, value, label }: { path: Path; value: string[]; label: string }) {
  const { t } = useTranslation();
  const { set, readOnly } = useFlow();
  return (
    <div className="bb-list">
      {value.map((text, i) => (
        <div key={i} className="bb-list-row" data-path={pointer([...path, i])}>
          <span className="bb-list-no">{i + 1}</span>
          <Input.TextArea aria-label={`${label} ${i + 1}`} autoSize={{ minRows: 1, maxRows: 5 }} value={text} onChange={(e) => set([...path, i], e.target.value)} />
          {!readOnly && <Button type="text" icon={<DeleteOutlined />} aria-label={t('common.delete')} onClick={() => set(path, value.filter((_, j) => j !== i))} />}
        </div>
      ))}
      {!readOnly && (
        <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => set(path, [...value, ''])}>
          {t('script.addReply')}
        </Button>
      )}
    </div>
  );
}

/** Many short phrases; Enter or a semicolon ends one. */
export function Phrases({ path, value, label }: { path: Path; value: string[]; label: string }) {
  const { t } = useTranslation();
  const { set } = useFlow();
  return (
    <Select
      mode="tags"
      open={false}
      suffixIcon={null}
      aria-label={label}
      style={{ width: '100%' }}
      placeholder={t('script.phrasesPlaceholder')}
      tokenSeparators={[';', '；', '\n']}
      value={value}
      onChange={(v: string[]) => set(path, v.map((p) => p.trim()).filter(Boolean))}
    />
  );
}

export function NodePick({ path, value, label, closing = false, clearable = false }: { path: Path; value: string | undefined; label: string; closing?: boolean; clearable?: boolean }) {
  const { flow, set } = useFlow();
  const nodes = flow.nodes.filter((n) => !closing || n.kind === 'closing');
  return (
    <Select
      aria-label={label}
      allowClear={clearable}
      style={{ width: '100%' }}
      value={value || undefined}
      status={value && !nodes.some((n) => n.key === value) ? 'error' : undefined}
      options={nodes.map((n) => ({ value: n.key, label: nodeName(n) }))}
      onChange={(v: string | undefined) => set(path, v)}
    />
  );
}

export const nodeName = (n: { name?: string; key: string }): string => n.name || n.key;

export function IntentPick({ path, value, label }: { path: Path; value: string[]; label: string }) {
  const { flow, set } = useFlow();
  return (
    <Select
      mode="multiple"
      aria-label={label}
      style={{ width: '100%' }}
      showSearch={{ optionFilterProp: 'label' }}
      value={value}
      options={intentOptions(flow)}
      onChange={(v: string[]) => set(path, v)}
    />
  );
}

/** Everything a customer may mean: built in, of this script, and the questions and objections it answers. */
export const intentOptions = (flow: Flow): { value: string; label: string }[] => {
  const own = [...(flow.intents ?? []), ...(flow.faq ?? []), ...(flow.objections ?? [])].map((i) => ({ value: i.key, label: i.name || i.key }));
  const builtin = BUILTIN.map((key) => ({ value: key as string, label: word('intent', key) }));
  const seen = new Set<string>();
  return [...builtin, { value: 'slot', label: word('intent', 'slot') }, ...own].filter((o) => !seen.has(o.value) && seen.add(o.value));
};

/** One item of a list, with its place, its order and its removal. */
export function Item({ path, title, onUp, onDown, onDelete, children }: { path: Path; title: ReactNode; onUp?: () => void; onDown?: () => void; onDelete: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  const { readOnly } = useFlow();
  return (
    <section className="bb-item" data-path={pointer(path)}>
      <header>
        <b>{title}</b>
        {!readOnly && (
          <span>
            {onUp && <Button size="small" type="text" icon={<ArrowUpOutlined />} aria-label={t('script.up')} onClick={onUp} />}
            {onDown && <Button size="small" type="text" icon={<ArrowDownOutlined />} aria-label={t('script.down')} onClick={onDown} />}
            <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('common.delete')} onClick={onDelete} />
          </span>
        )}
      </header>
      {children}
    </section>
  );
}

export const moved = <T,>(list: T[], from: number, to: number): T[] => {
  const copy = [...list];
  const [item] = copy.splice(from, 1);
  if (item !== undefined) copy.splice(to, 0, item);
  return copy;
};
