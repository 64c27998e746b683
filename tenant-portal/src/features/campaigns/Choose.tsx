/// Steps 1 and 2: whom to call, with what words, over which trunk.
import type { UseQueryResult } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Group, Script, Trunk } from '@/api/types';
import { TrunkTag } from '@/shared/domain/tags';
import { count, time } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { SearchInput } from '@/shared/ui/FilterBar';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import type { CampaignDraft } from './api';

export function ChooseGroup({ groups, value, onChange }: { groups: UseQueryResult<Group[]>; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  if (groups.error && !groups.data) return <Trouble error={groups.error} onRetry={() => void groups.refetch()} />;
  if (groups.data?.length === 0)
    return (
      <Panel title={t('campaigns.chooseGroup')}>
        <Empty
          title={t('groups.empty')}
          why={t('campaigns.noGroupsWhy')}
          action={
            <Button type="primary" onClick={() => void go('/contacts/import')}>
              {t('contacts.import')}
            </Button>
          }
        />
      </Panel>
    );
  return (
    <Tiles title={t('campaigns.chooseGroup')} rows={groups.data} value={value} onPick={onChange}>
      {(g) => (
        <>
          <b>{g.name}</b>
          <small>{t('campaigns.groupSize', { n: count(g.contacts) })}</small>
          {g.remark && <small>{g.remark}</small>}
        </>
      )}
    </Tiles>
  );
}

type Both = { scripts: UseQueryResult<Script[]>; trunks: UseQueryResult<Trunk[]>; draft: CampaignDraft; onChange: (part: Partial<CampaignDraft>) => void };

export function ChooseScriptAndTrunk({ scripts, trunks, draft, onChange }: Both) {
  const { t } = useTranslation();
  const error = (scripts.data ? null : scripts.error) ?? (trunks.data ? null : trunks.error);
  const again = () => void Promise.all([scripts.refetch(), trunks.refetch()]);
  if (error) return <Trouble error={error} onRetry={again} />;
  return (
    <>
      <Tiles title={t('campaigns.chooseScript')} rows={scripts.data} value={draft.script_id} off={(s) => !s.published} onPick={(script_id) => onChange({ script_id })} empty={<Empty title={t('scripts.empty')} why={t('campaigns.noScriptsWhy')} />}>
        {(s) => (
          <>
            <b>{s.name}</b>
            <small>{s.published ? t('campaigns.scriptVersion', { n: s.published.number, at: time(s.published.at) }) : t('campaigns.scriptUnpublished')}</small>
          </>
        )}
      </Tiles>
      <Tiles title={t('campaigns.chooseTrunk')} rows={trunks.data} value={draft.trunk_id} onPick={(trunk_id) => onChange({ trunk_id })} empty={<Empty title={t('trunks.empty')} why={t('campaigns.noTrunksWhy')} />}>
        {(k) => (
          <>
            <b>{k.name}</b>
            <small>
              <TrunkTag state={k.state} calls={k.calls} /> {t(`trunkKind.${k.kind}`)} · {t('campaigns.trunkUse', { n: k.calls, max: k.max_calls })}
            </small>
            {k.kind === 'rehearsal' && <small>{t('campaigns.rehearsalNote')}</small>}
          </>
        )}
      </Tiles>
    </>
  );
}

type TilesProps<T> = {
  title: string;
  rows: T[] | undefined;
  value: string;
  /** May be seen and not be chosen. */
  off?: (row: T) => boolean;
  onPick: (id: string) => void;
  empty?: ReactNode;
  children: (row: T) => ReactNode;
};

/** With more than this a name is sooner typed than found. */
const SEARCHED_FROM = 9;
const SHOWN = 60;

/** One of many to choose, each as a tile; the chosen one stays in sight. */
function Tiles<T extends { id: string; name: string }>({ title, rows, value, off, onPick, empty, children }: TilesProps<T>) {
  const { t } = useTranslation();
  const [q, setQ] = useState('');
  const wanted = q.toLowerCase();
  if (!rows)
    return (
      <Panel title={title}>
        <Skeleton active title={false} paragraph={{ rows: 2 }} />
      </Panel>
    );
  const found = rows.filter((r) => r.name.toLowerCase().includes(wanted));
  const head = found.slice(0, SHOWN);
  const chosen = rows.find((r) => r.id === value);
  const shown = chosen && !head.includes(chosen) ? [chosen, ...head] : head;
  return (
    <Panel title={title} extra={rows.length >= SEARCHED_FROM && <SearchInput value={q} onChange={setQ} placeholder={t('campaigns.searchTiles', { n: count(rows.length) })} width={240} />}>
      {rows.length === 0 && empty}
      {rows.length > 0 && found.length === 0 && <p className="bb-muted bb-choice-note">{t('common.nothingFound')}</p>}
      <div className="bb-choice">
        {shown.map((r) => (
          <button key={r.id} type="button" aria-pressed={r.id === value} disabled={off?.(r)} onClick={() => onPick(r.id)}>
            {children(r)}
          </button>
        ))}
      </div>
      {found.length > SHOWN && <p className="bb-muted bb-choice-note">{t('campaigns.moreTiles', { n: count(found.length - SHOWN) })}</p>}
    </Panel>
  );
}
