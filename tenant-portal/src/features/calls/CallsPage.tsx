/// Every call, found by time, campaign, number, label and result.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useEvents } from '@/api/events';
import type { Call } from '@/api/types';
import { CALLS } from '@/shared/call/call-api';
import { optionsOf, useCampaigns, useLabels } from '@/shared/domain/lookups';
import { CallLabelTag, CallReason, DispositionTag } from '@/shared/domain/tags';
import { count, duration, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useRefresh } from '@/shared/hooks/refresh';
import { useUrlState } from '@/shared/hooks/url-state';
import { useRole, useSees } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { Page } from '@/shared/ui/Page';
import { TimeRange } from '@/shared/ui/TimeRange';
import { Trouble } from '@/shared/ui/Trouble';

const FILTERS = ['campaign_id', 'contact_id', 'number', 'label', 'disposition', 'from', 'to'] as const;
const SEARCHED = ['number'] as const;
const DISPOSITIONS = ['answered', 'no_answer', 'busy', 'rejected', 'invalid', 'powered_off', 'unreachable', 'machine', 'abandoned', 'failed'] as const;

export function CallsPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const sees = useSees();
  const people = useRole() !== 'scripter';
  const [filters, setFilters] = useUrlState(FILTERS, SEARCHED);
  const campaigns = useCampaigns();
  const labels = useLabels();
  const pages = usePages<Call>([...CALLS, 'list'], '/v1/calls', filters);
  const refresh = useRefresh([...CALLS, 'list']);
  useEvents(['call.state'], (events) => events.some((e) => e.data.state === 'ended') && refresh());
  const dirty = FILTERS.some((f) => filters[f]);
  const clear = () => setFilters(Object.fromEntries(FILTERS.map((f) => [f, null])));

  const columns: Column<Call>[] = [
    { key: 'at', title: t('calls.dialedAt'), width: '164px', render: (c) => <Link to={`/calls/${c.id}`}>{time(c.dialed_at ?? c.ended_at)}</Link> },
    ...(people
      ? [
          { key: 'name', title: t('contacts.name'), width: 'minmax(72px, 0.6fr)', render: (c: Call) => c.contact?.name ?? '—' },
          { key: 'number', title: t('contacts.number'), width: '124px', render: (c: Call) => c.number },
        ]
      : []),
    ...(sees('campaigns') ? [{ key: 'campaign', title: t('calls.campaign'), width: 'minmax(140px, 1.2fr)', wraps: true, render: (c: Call) => c.campaign?.name ?? '—' }] : []),
    { key: 'result', title: t('calls.disposition'), width: '108px', render: (c) => <DispositionTag value={c.disposition} /> },
    { key: 'ring', title: t('calls.ring'), width: '88px', align: 'right', render: (c) => duration(c.ring_ms) },
    { key: 'talk', title: t('calls.talk'), width: '88px', align: 'right', render: (c) => duration(c.talk_ms) },
    { key: 'label', title: t('calls.label'), width: '100px', render: (c) => <CallLabelTag call={c} /> },
    { key: 'quote', title: t('calls.why'), width: 'minmax(140px, 1.6fr)', wraps: true, render: (c) => <CallReason call={c} /> },
  ];
  return (
    <Page fill title={t('nav.calls')} actions={<Button onClick={pages.refetch}>{t('common.refresh')}</Button>}>
      <FilterBar views={{ list: 'calls', filters, searched: SEARCHED, onPick: setFilters }} dirty={dirty} onClear={clear} count={pages.rows.length > 0 && t(pages.hasMore ? 'common.loadedMore' : 'common.total', { n: count(pages.rows.length) })}>
        <TimeRange from={filters.from} to={filters.to} onChange={setFilters} />
        {sees('campaigns') && <Pick label={t('calls.campaign')} value={filters.campaign_id} onChange={(v) => setFilters({ campaign_id: v })} options={optionsOf(campaigns.data)} width={150} />}
        {people && <SearchInput value={filters.number} onChange={(number) => setFilters({ number })} placeholder={t('calls.numberPlaceholder')} width={136} />}
        <Pick label={t('calls.label')} value={filters.label} onChange={(v) => setFilters({ label: v })} options={(labels.data ?? []).map((l) => ({ value: l.key, label: l.name }))} width={108} />
        <Pick label={t('calls.disposition')} value={filters.disposition} onChange={(v) => setFilters({ disposition: v })} options={DISPOSITIONS.map((d) => ({ value: d, label: t(`disposition.${d}`) }))} width={108} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.calls')}
          columns={columns}
          rows={pages.rows}
          rowKey={(c) => c.id}
          {...pages.table}
          onOpen={(c) => void go(`/calls/${c.id}`)}
          empty={
            dirty ? (
              <Empty title={t('common.nothingFound')} why={t('common.nothingFoundWhy')} action={<Button onClick={clear}>{t('common.clearFilters')}</Button>} />
            ) : (
              <Empty title={t('calls.empty')} why={t('calls.emptyWhy')} />
            )
          }
        />
      )}
    </Page>
  );
}
