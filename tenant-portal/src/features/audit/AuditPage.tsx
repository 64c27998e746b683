/// Who did what: operations, sign-ins, and looks at protected data.
import { Drawer, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AuditEntry } from '@/api/types';
import { optionsOf, useCampaigns, useGroups, useScripts, useTrunks, useUsers } from '@/shared/domain/lookups';
import { word } from '@/shared/domain/tags';
import { codeText } from '@/shared/i18n/problem-text';
import { DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { useSees, type Area } from '@/shared/session';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { Facts, Page } from '@/shared/ui/Page';
import { ShortId } from '@/shared/ui/ShortId';
import { StatusTag } from '@/shared/ui/StatusTag';
import { TimeRange } from '@/shared/ui/TimeRange';
import { Trouble } from '@/shared/ui/Trouble';
import { changesOf } from './changes';
import { objectName } from './object-name';

const AREAS = ['users', 'contacts', 'groups', 'imports', 'blacklist', 'scripts', 'labels', 'campaigns', 'leads', 'trunks', 'edges', 'alerts', 'me'] as const;
const FILTERS = ['kind', 'action', 'object', 'user_id', 'from', 'to'] as const;
const KINDS = ['operation', 'login', 'access'] as const;

/** Actions that are, as keys, also the parents of others: `trunks.fault` of `trunks.fault.delete`. */
const PARENTS: Record<string, string> = { 'trunks.fault': 'trunks.fault.report', 'edges.drain': 'edges.drain.start' };
const actionText = (action: string): string => word('auditAction', PARENTS[action] ?? action);

export function AuditPage() {
  const { t } = useTranslation();
  const [filters, setFilters] = useUrlState(FILTERS);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const kind = filters.kind || 'operation';
  const pages = usePages<AuditEntry>(['audit'], '/v1/audit', { ...filters, kind });
  const users = useUsers();
  const nameOf = useNames();
  const dirty = FILTERS.some((f) => f !== 'kind' && filters[f]);
  return (
    <Page fill title={t('nav.audit')} note={t('audit.note')}>
      <FilterBar views={{ list: 'audit', filters, searched: ['object'], onPick: setFilters }} dirty={dirty} onClear={() => setFilters({ action: null, object: null, user_id: null, from: null, to: null })}>
        <Segmented value={kind} onChange={(v) => setFilters({ kind: String(v) })} options={KINDS.map((k) => ({ value: k, label: t(`audit.kind.${k}`) }))} />
        <TimeRange from={filters.from} to={filters.to} onChange={setFilters} />
        <Pick label={t('audit.who')} value={filters.user_id} onChange={(user_id) => setFilters({ user_id })} options={optionsOf(users.data)} width={112} />
        {kind === 'operation' && <Pick label={t('audit.area')} value={filters.action} onChange={(action) => setFilters({ action })} options={AREAS.map((a) => ({ value: `${a}.`, label: word('auditArea', a) }))} width={104} />}
        <SearchInput value={filters.object} onChange={(object) => setFilters({ object })} placeholder={t('audit.objectPlaceholder')} width={132} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.audit')}
          rows={pages.rows}
          rowKey={(a) => a.id}
          {...pages.table}
          onOpen={setOpen}
          empty={<Empty title={t('audit.empty')} why={t('audit.emptyWhy')} />}
          columns={[
            { key: 'at', title: t('common.time'), width: '162px', render: (a) => time(a.at) },
            {
              key: 'who',
              title: t('audit.who'),
              width: 'minmax(110px, 0.8fr)',
              wraps: true,
              render: (a) => (
                <button type="button" className="bb-link" onClick={() => setOpen(a)}>
                  {a.user?.name ?? t('audit.nobody')}
                </button>
              ),
            },
            { key: 'role', title: t('users.role'), width: '116px', wraps: true, render: (a) => (a.role ? word('role', a.role) : DASH) },
            { key: 'action', title: t('audit.action'), width: 'minmax(150px, 1fr)', wraps: true, render: (a) => actionText(a.action) },
            { key: 'object', title: t('audit.object'), width: 'minmax(220px, 1.6fr)', wraps: true, render: (a) => <ObjectOf entry={a} nameOf={nameOf} /> },
            { key: 'address', title: t('audit.address'), width: '132px', render: (a) => a.address ?? DASH },
            { key: 'result', title: t('audit.result'), width: '110px', render: (a) => <Result value={a.result} /> },
          ]}
        />
      )}
      <Drawer open={open !== null} size={560} title={open ? actionText(open.action) : ''} onClose={() => setOpen(null)}>
        {open && <Details entry={open} nameOf={nameOf} />}
      </Drawer>
    </Page>
  );
}

/** Where an object has a page of its own, and the part of the portal that it belongs to. */
const PAGE: Record<string, { area: Area; at: (id: string) => string }> = {
  contact: { area: 'contacts', at: (id) => `/contacts/${id}` },
  group: { area: 'groups', at: (id) => `/contacts?group_id=${id}` },
  import: { area: 'contacts', at: (id) => `/contacts/import?id=${id}` },
  campaign: { area: 'campaigns', at: (id) => `/campaigns/${id}` },
  script: { area: 'scripts', at: (id) => `/scripts/${id}` },
  call: { area: 'calls', at: (id) => `/calls/${id}` },
};

/** What an id is called now, where the reader may see its kind. */
function useNames(): NameOf {
  const [users, campaigns, scripts, trunks, groups] = [useUsers().data, useCampaigns().data, useScripts().data, useTrunks().data, useGroups().data];
  const known = useMemo(() => {
    const named: { id: string; name: string }[][] = [users ?? [], campaigns ?? [], scripts ?? [], trunks ?? [], groups ?? []];
    return new Map(named.flat().map(({ id, name }) => [id, name]));
  }, [users, campaigns, scripts, trunks, groups]);
  return (id) => known.get(id) ?? null;
}

type NameOf = (id: string) => string | null;
type Shown = { entry: AuditEntry; nameOf: NameOf };

function ObjectOf({ entry, nameOf }: Shown) {
  const sees = useSees();
  const { object_type: type, object_id: id } = entry;
  if (!type) return DASH;
  const page = PAGE[type];
  const kind = word('auditObject', type);
  // As the entry says it, else as it is called now.
  const name = objectName(entry) ?? nameOf(id ?? '');
  const text = name ?? kind;
  return (
    <>
      {name && `${kind} `}
      {id && page && sees(page.area) ? <Link to={page.at(id)}>{text}</Link> : text}
      {id && (
        <>
          {' '}
          <ShortId id={id} />
        </>
      )}
    </>
  );
}

function Result({ value }: { value: string }) {
  const { t } = useTranslation();
  return value === 'ok' ? <StatusTag tone="success">{t('audit.ok')}</StatusTag> : <StatusTag tone="danger">{t('audit.refused')}</StatusTag>;
}

function Details({ entry, nameOf }: Shown) {
  const { t } = useTranslation();
  return (
    <Facts
      columns={2}
      items={[
        { term: t('common.time'), value: time(entry.at) },
        { term: t('audit.who'), value: entry.user?.name ?? t('audit.nobody') },
        { term: t('audit.object'), value: <ObjectOf entry={entry} nameOf={nameOf} /> },
        { term: t('audit.address'), value: entry.address ?? DASH },
        { term: t('audit.result'), value: entry.result === 'ok' ? t('audit.ok') : (codeText(entry.result) ?? entry.result), wide: true },
        { term: t('audit.changes'), value: <Changes entry={entry} nameOf={nameOf} />, wide: true },
        { term: t('audit.requestId'), value: <code>{entry.request_id ?? DASH}</code>, wide: true },
      ]}
    />
  );
}

/** What was changed, in words; below it what the log holds. */
function Changes({ entry, nameOf }: Shown) {
  const { t } = useTranslation();
  const { before, after } = entry;
  const changes = changesOf(entry, nameOf);
  if (before == null && after == null) return <span className="bb-muted">{t('audit.noChanges')}</span>;
  return (
    <>
      <table className="bb-changes">
        <thead>
          <tr>
            <th scope="col">{t('audit.field')}</th>
            <th scope="col">{t('audit.before')}</th>
            <th scope="col">{t('audit.after')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((c, i) => (
            <tr key={i}>
              <th scope="row">{c.field}</th>
              <td>{c.before}</td>
              <td>{c.after}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details className="bb-raw">
        <summary>{t('audit.raw')}</summary>
        <pre className="bb-json">{JSON.stringify({ before, after }, null, 2)}</pre>
      </details>
    </>
  );
}
