/// Every lead, read only.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Lead, LeadStatus } from '@/api/types';
import { LabelTag, LeadTag, RehearsalTag } from '@/shared/domain/tags';
import { DASH, spoken, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick } from '@/shared/ui/FilterBar';
import { Page } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { AgentsThere } from './AgentsThere';
import { LEADS } from './api';
import './leads.css';

const STATUSES: LeadStatus[] = ['waiting', 'offered', 'accepted', 'following', 'won', 'dropped'];

export function LeadList() {
  const { t } = useTranslation();
  const [filters, setFilters] = useUrlState(['status'] as const);
  const pages = usePages<Lead>([...LEADS, 'list'], '/v1/leads', filters, { refetchInterval: 15_000 });
  return (
    <Page fill title={t('nav.leadList')} actions={<AgentsThere />}>
      <FilterBar views={{ list: 'leads', filters, onPick: setFilters }} dirty={Boolean(filters.status)} onClear={() => setFilters({ status: null })}>
        <Pick label={t('common.state')} value={filters.status} onChange={(v) => setFilters({ status: v })} options={STATUSES.map((s) => ({ value: s, label: t(`leadStatus.${s}`) }))} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.leadList')}
          rows={pages.rows}
          rowKey={(l) => l.id}
          {...pages.table}
          empty={filters.status ? <Empty title={t('common.nothingFound')} why={t('common.nothingFoundWhy')} /> : <Empty title={t('leads.empty')} why={t('leads.emptyWhy')} />}
          columns={[
            { key: 'name', title: t('contacts.name'), width: 'minmax(110px, 1fr)', wraps: true, render: (l) => <><Link to={`/contacts/${l.contact.id}`}>{l.contact.name || t('common.unnamed')}</Link> <RehearsalTag of={l} /></> },
            { key: 'number', title: t('contacts.number'), width: '128px', render: (l) => l.contact.number },
            { key: 'label', title: t('calls.label'), width: '100px', render: (l) => <LabelTag label={l.label} /> },
            { key: 'quote', title: t('calls.quote'), width: 'minmax(160px, 2fr)', wraps: true, render: (l) => <Link to={`/calls/${l.call_id}`}>{l.label.quote ? spoken(l.label.quote) : t('contacts.seeCall')}</Link> },
            { key: 'status', title: t('common.state'), width: '100px', render: (l) => <LeadTag status={l.status} /> },
            { key: 'owner', title: t('leads.owner'), width: '120px', render: (l) => l.owner?.name ?? DASH },
            { key: 'next', title: t('leads.nextAt'), width: '164px', render: (l) => time(l.next_at) },
            { key: 'at', title: t('common.createdAt'), width: '164px', render: (l) => time(l.created_at) },
          ]}
        />
      )}
    </Page>
  );
}
