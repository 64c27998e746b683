/// Every campaign with its progress and the next thing to do with it.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useEvents } from '@/api/events';
import type { Campaign, CampaignState } from '@/api/types';
import { CampaignTag } from '@/shared/domain/tags';
import { useGroups, useScripts, useTrunks } from '@/shared/domain/lookups';
import { count, shareOf, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useRefresh } from '@/shared/hooks/refresh';
import { useUrlState } from '@/shared/hooks/url-state';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Defined } from '@/shared/ui/Defined';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { Page } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { CAMPAIGNS } from './api';
import { CampaignActions } from './CampaignActions';
import { ProgressBar } from './ProgressBar';

const STATES: CampaignState[] = ['draft', 'ready', 'running', 'paused', 'stopped', 'completed'];

export function CampaignsPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const edits = useDoes('campaigns');
  const [filters, setFilters] = useUrlState(['q', 'state'] as const);
  const pages = usePages<Campaign>([...CAMPAIGNS, 'list'], '/v1/campaigns', filters, { refetchInterval: 10_000 });
  useEvents(['campaign.changed'], useRefresh([...CAMPAIGNS, 'list']));
  const groups = useGroups();
  const scripts = useScripts();
  const trunks = useTrunks();
  const nameIn = (rows: { id: string; name: string }[] | undefined, id: string | null | undefined) => rows?.find((r) => r.id === id)?.name ?? '—';
  const rows = pages.rows.filter((c) => (!filters.q || c.name.toLowerCase().includes(filters.q.toLowerCase())) && (!filters.state || c.state === filters.state));
  const dirty = Boolean(filters.q || filters.state);

  const columns: Column<Campaign>[] = [
    { key: 'name', title: t('campaigns.name'), width: 'minmax(154px, 2.4fr)', wraps: true, render: (c) => <Link to={`/campaigns/${c.id}`}>{c.name}</Link> },
    { key: 'state', title: t('common.state'), width: '106px', render: (c) => <CampaignTag state={c.state} /> },
    {
      key: 'progress',
      title: t('campaigns.progress'),
      width: 'minmax(96px, 1fr)',
      render: (c) => (
        <span className="bb-campaign-progress">
          <ProgressBar counters={c.counters} />
          <small>
            {count(c.counters.called)} / {count(c.counters.total)}
          </small>
        </span>
      ),
    },
    { key: 'rate', title: <Defined is={t('campaigns.reachedMeans')}>{t('campaigns.reached')}</Defined>, width: '96px', align: 'right', render: (c) => shareOf(c.counters.connected, c.counters.called) },
    { key: 'high', title: t('campaigns.high'), width: '70px', align: 'right', render: (c) => count(c.counters.labels?.high ?? 0) },
    { key: 'group', title: t('campaigns.group'), width: 'minmax(92px, 1fr)', wraps: true, render: (c) => c.group?.name ?? nameIn(groups.data, c.group_id) },
    { key: 'script', title: t('campaigns.script'), width: 'minmax(104px, 1fr)', wraps: true, render: (c) => c.script?.name ?? nameIn(scripts.data, c.script_id) },
    { key: 'trunk', title: t('campaigns.trunk'), width: 'minmax(84px, 0.8fr)', wraps: true, render: (c) => c.trunk?.name ?? nameIn(trunks.data, c.trunk_id) },
    { key: 'at', title: t('campaigns.startedAt'), width: '152px', render: (c) => time(c.started_at) },
  ];
  if (edits) columns.push({ key: 'act', title: t('common.actions'), width: '140px', render: (c) => <CampaignActions campaign={c} compact /> });

  const create = edits && (
    <Button type="primary" onClick={() => void go('/campaigns/new')}>
      {t('campaigns.create')}
    </Button>
  );
  return (
    <Page fill title={t('nav.campaigns')} actions={create}>
      <FilterBar views={{ list: 'campaigns', filters, searched: ['q'], onPick: setFilters }} dirty={dirty} onClear={() => setFilters({ q: null, state: null })}>
        <SearchInput value={filters.q} onChange={(q) => setFilters({ q })} placeholder={t('campaigns.searchPlaceholder')} />
        <Pick label={t('common.state')} value={filters.state} onChange={(v) => setFilters({ state: v })} options={STATES.map((s) => ({ value: s, label: t(`campaignState.${s}`) }))} width={130} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.campaigns')}
          columns={columns}
          rows={rows}
          rowKey={(c) => c.id}
          rowHeight={52}
          {...pages.table}
          onOpen={(c) => void go(`/campaigns/${c.id}`)}
          empty={
            dirty ? (
              <Empty title={t('common.nothingFound')} why={t('common.nothingFoundWhy')} />
            ) : (
              <Empty title={t('campaigns.empty')} why={t(edits ? 'campaigns.emptyWhy' : 'campaigns.emptyWhyReading')} action={create} />
            )
          }
        />
      )}
    </Page>
  );
}
