/// Who did what: operations, sign-ins, and looks at protected data.
import { Drawer, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { codeText } from '@/shared/i18n/problem-text';
import { DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { Facts, Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';

const AREAS = ['users', 'contacts', 'groups', 'imports', 'blacklist', 'scripts', 'labels', 'campaigns', 'leads', 'trunks', 'edges', 'alerts', 'me'] as const;
const KINDS = ['operation', 'login', 'access'] as const;

/** `trunks.fault` is a report; as a key it is also the parent of `trunks.fault.delete`. */
const actionText = (action: string): string => word('auditAction', action === 'trunks.fault' ? 'trunks.fault.report' : action);

export function AuditPage() {
  const { t } = useTranslation();
  const [filters, setFilters] = useUrlState(['kind', 'action', 'object'] as const);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const kind = filters.kind || 'operation';
  const pages = usePages<AuditEntry>(['audit'], '/v1/audit', { ...filters, kind });
  const dirty = Boolean(filters.action || filters.object);
  return (
    <Page fill title={t('nav.audit')} note={t('audit.note')}>
      <FilterBar dirty={dirty} onClear={() => setFilters({ action: null, object: null })}>
        <Segmented value={kind} onChange={(v) => setFilters({ kind: String(v) })} options={KINDS.map((k) => ({ value: k, label: t(`audit.kind.${k}`) }))} />
        {kind === 'operation' && <Pick label={t('audit.area')} value={filters.action} onChange={(action) => setFilters({ action })} options={AREAS.map((a) => ({ value: `${a}.`, label: word('auditArea', a) }))} />}
        <SearchInput value={filters.object} onChange={(object) => setFilters({ object })} placeholder={t('audit.objectPlaceholder')} width={200} />
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
            { key: 'at', title: t('common.time'), width: '170px', render: (a) => time(a.at) },
            {
              key: 'who',
              title: t('audit.who'),
              width: 'minmax(130px, 1fr)',
              render: (a) => (
                <button type="button" className="bb-link" onClick={() => setOpen(a)}>
                  {a.user?.name ?? t('audit.nobody')}
                </button>
              ),
            },
            { key: 'role', title: t('users.role'), width: '110px', render: (a) => (a.role ? word('role', a.role) : DASH) },
            { key: 'action', title: t('audit.action'), width: 'minmax(160px, 1.2fr)', render: (a) => actionText(a.action) },
            { key: 'object', title: t('audit.object'), width: 'minmax(180px, 1.2fr)', render: (a) => (a.object_type ? `${word('auditObject', a.object_type)} ${a.object_id ?? ''}` : DASH) },
            { key: 'address', title: t('audit.address'), width: '140px', render: (a) => a.address ?? DASH },
            { key: 'result', title: t('audit.result'), width: '110px', render: (a) => <Result value={a.result} /> },
          ]}
        />
      )}
      <Drawer open={open !== null} size={560} title={open ? actionText(open.action) : ''} onClose={() => setOpen(null)}>
        {open && <Details entry={open} />}
      </Drawer>
    </Page>
  );
}

function Result({ value }: { value: string }) {
  const { t } = useTranslation();
  return value === 'ok' ? <StatusTag tone="success">{t('audit.ok')}</StatusTag> : <StatusTag tone="danger">{t('audit.refused')}</StatusTag>;
}

function Details({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const json = (value: unknown) => (value == null ? DASH : <pre className="bb-json">{JSON.stringify(value, null, 2)}</pre>);
  return (
    <Facts
      columns={2}
      items={[
        { term: t('common.time'), value: time(entry.at) },
        { term: t('audit.who'), value: entry.user?.name ?? t('audit.nobody') },
        { term: t('audit.object'), value: entry.object_type ? `${word('auditObject', entry.object_type)} ${entry.object_id ?? ''}` : DASH },
        { term: t('audit.address'), value: entry.address ?? DASH },
        { term: t('audit.result'), value: entry.result === 'ok' ? t('audit.ok') : (codeText(entry.result) ?? entry.result), wide: true },
        { term: t('audit.before'), value: json(entry.before), wide: true },
        { term: t('audit.after'), value: json(entry.after), wide: true },
        { term: t('audit.requestId'), value: <code>{entry.request_id ?? DASH}</code>, wide: true },
      ]}
    />
  );
}
