/// One campaign or several: connects, labels with shares, conversion; the chart with its table; the same as a spreadsheet.
import { Button, DatePicker, Segmented, Select, Skeleton } from 'antd';
import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import type { TFunction } from 'i18next';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, download } from '@/api/http';
import type { Report, ReportLine } from '@/api/types';
import { optionsOf, useCampaigns } from '@/shared/domain/lookups';
import { RehearsalTag } from '@/shared/domain/tags';
import { count, duration, percent } from '@/shared/format/format';
import { useUrlState } from '@/shared/hooks/url-state';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Defined } from '@/shared/ui/Defined';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar } from '@/shared/ui/FilterBar';
import { useNotice } from '@/shared/ui/notice';
import { Figures, Page, Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { LabelChart } from './LabelChart';
import { labelsHad, labelsOf } from './labels-of';
import { DAY, daysOf, periodOf, type PeriodChoice } from './period';
import './reports.css';

const RANGES = ['', '1', '7', '30'] as const;

/** Which days the figures are of. */
function periodText(t: TFunction, choice: PeriodChoice): string {
  const { first, last } = daysOf(choice);
  if (first && last) return first === last ? t('reports.period.day', { day: first }) : t('reports.period.span', { first, last });
  if (first) return t('reports.period.since', { first });
  return last ? t('reports.period.until', { last }) : t('reports.period.all');
}

export function ReportsPage() {
  const { t } = useTranslation();
  const notice = useNotice();
  const [filters, setFilters] = useUrlState(['ids', 'days', 'from', 'to'] as const);
  const [exporting, setExporting] = useState(false);
  const campaigns = useCampaigns();
  const asked = () => ({ ids: filters.ids, ...periodOf(filters) });
  const report = useQuery({
    queryKey: ['reports', 'campaigns', filters],
    queryFn: ({ signal }) => api.get<Report>('/v1/reports/campaigns', { query: asked(), signal }),
    placeholderData: (old) => old,
    refetchInterval: 30_000,
  });
  const dirty = Boolean(filters.ids || filters.days || filters.from || filters.to);
  const items = useMemo(() => report.data?.items ?? [], [report.data]);
  const total = report.data?.total;
  const labels = useMemo(() => (report.data ? labelsOf(report.data) : []), [report.data]);
  const exportXlsx = async () => {
    setExporting(true);
    await download('/v1/reports/campaigns/export.xlsx', { query: asked() }, t('reports.fileName', { day: dayjs().format('YYYY-MM-DD') })).catch(notice.failed);
    setExporting(false);
  };
  return (
    <Page
      title={t('nav.reports')}
      note={periodText(t, filters)}
      actions={
        <Button loading={exporting} disabled={items.length === 0} onClick={() => void exportXlsx()}>
          {t('reports.export')}
        </Button>
      }
    >
      <FilterBar views={{ list: 'reports', filters, onPick: setFilters }} dirty={dirty} onClear={() => setFilters({ ids: null, days: null, from: null, to: null })}>
        <Select
          mode="multiple"
          allowClear
          maxTagCount={2}
          aria-label={t('reports.campaigns')}
          placeholder={t('reports.allCampaigns')}
          style={{ minWidth: 300 }}
          showSearch={{ optionFilterProp: 'label' }}
          value={filters.ids ? filters.ids.split(',') : []}
          options={optionsOf(campaigns.data)}
          onChange={(ids: string[]) => setFilters({ ids: ids.join(',') })}
        />
        <Segmented
          value={filters.from || filters.to ? 'free' : filters.days}
          onChange={(v) => setFilters({ days: String(v), from: null, to: null })}
          options={RANGES.map((d) => ({ value: d, label: t(`reports.range.d${d || 'All'}`) }))}
        />
        <DatePicker.RangePicker
          allowEmpty={[true, true]}
          style={{ width: 250 }}
          placeholder={[t('reports.firstDay'), t('reports.lastDay')]}
          value={[filters.from ? dayjs(filters.from) : null, filters.to ? dayjs(filters.to) : null]}
          onChange={(range) => setFilters({ days: null, from: range?.[0]?.format(DAY) ?? null, to: range?.[1]?.format(DAY) ?? null })}
        />
      </FilterBar>
      {report.error && !report.data ? (
        <Trouble error={report.error} onRetry={() => void report.refetch()} />
      ) : report.isPending ? (
        <Panel>
          <Skeleton active paragraph={{ rows: 10 }} />
        </Panel>
      ) : (
        <div className={report.isPlaceholderData ? 'bb-report is-dim' : 'bb-report'} aria-busy={report.isPlaceholderData}>
          {Boolean(report.data?.omitted) && (
            <p className="bb-left-out" role="status">
              {t('reports.omitted', { n: count(report.data?.omitted), shown: count(items.length) })}
            </p>
          )}
          {total && <Totals total={total} />}
          {items.length > 0 && total && (
            <Panel title={t('reports.labelShares')} extra={t('reports.labelSharesNote')}>
              <LabelChart items={items} labels={labels} />
            </Panel>
          )}
          <Panel title={t('reports.byCampaign')} flush>
            <Lines report={report.data} />
          </Panel>
        </div>
      )}
    </Page>
  );
}

function Totals({ total }: { total: ReportLine }) {
  const { t } = useTranslation();
  return (
    <Figures
      items={[
        { label: t('reports.contacts'), value: count(total.contacts) },
        { label: t('reports.attempts'), value: count(total.attempts) },
        { label: t('reports.connected'), value: count(total.connected), tone: 'success' },
        { label: <Term term="connectRate" />, value: percent(total.connect_rate) },
        { label: t('reports.leads'), value: count(total.leads), tone: 'primary' },
        { label: t('reports.won'), value: count(total.won) },
        { label: <Term term="conversionRate" />, value: percent(total.conversion_rate) },
        { label: t('reports.talkAvg'), value: duration(total.talk_ms_avg) },
      ]}
    />
  );
}

function Term({ term }: { term: 'connectRate' | 'conversionRate' }) {
  const { t } = useTranslation();
  return <Defined is={t(`reports.define.${term}`)}>{t(`reports.${term}`)}</Defined>;
}

const Head = ({ children }: { children: ReactNode }) => <span className="bb-two-lines">{children}</span>;

function Lines({ report }: { report: Report | undefined }) {
  const { t } = useTranslation();
  const labels = report ? labelsHad(report) : [];
  const rows = report ? [...report.items, ...(report.items.length > 1 ? [report.total] : [])] : [];
  // Room for the longest count beside its share.
  const longest = Math.max(0, ...rows.flatMap((r) => r.labels.map((l) => l.count)));
  const labelWidth = longest > 999 ? '104px' : longest > 99 ? '86px' : '76px';
  const columns: Column<ReportLine>[] = [
    { key: 'name', title: <Head>{t('calls.campaign')}</Head>, width: 'minmax(128px, 1.6fr)', render: (r) => (r.campaign ? <Link className="bb-two-lines" title={r.campaign.name} to={`/campaigns/${r.campaign.id}`}>{r.campaign.name} <RehearsalTag of={r} /></Link> : <b>{t('reports.sum')}</b>) },
    { key: 'contacts', title: <Head>{t('reports.contacts')}</Head>, width: '76px', align: 'right', render: (r) => count(r.contacts) },
    { key: 'attempts', title: <Head>{t('reports.attempts')}</Head>, width: '76px', align: 'right', render: (r) => count(r.attempts) },
    { key: 'connected', title: <Head>{t('reports.connected')}</Head>, width: '84px', align: 'right', render: (r) => count(r.connected) },
    { key: 'rate', title: <Head><Term term="connectRate" /></Head>, width: '72px', align: 'right', render: (r) => percent(r.connect_rate) },
    ...labels.map((l) => ({
      key: `l-${l.key}`,
      title: <Head>{l.name}</Head>,
      width: labelWidth,
      align: 'right' as const,
      render: (r: ReportLine) => {
        const mine = r.labels.find((x) => x.key === l.key);
        return mine ? (
          <>
            {count(mine.count)} <small className="bb-muted">{percent(mine.share)}</small>
          </>
        ) : (
          '0'
        );
      },
    })),
    { key: 'leads', title: <Head>{t('reports.leads')}</Head>, width: '60px', align: 'right', render: (r) => count(r.leads) },
    { key: 'won', title: <Head>{t('reports.won')}</Head>, width: '60px', align: 'right', render: (r) => count(r.won) },
    { key: 'conv', title: <Head><Term term="conversionRate" /></Head>, width: '88px', align: 'right', render: (r) => percent(r.conversion_rate) },
    { key: 'talk', title: <Head>{t('reports.talkShort')}</Head>, width: '72px', align: 'right', render: (r) => duration(r.talk_ms_avg) },
  ];
  return (
    <DataTable
      label={t('reports.byCampaign')}
      most={520}
      columns={columns}
      rows={rows}
      rowKey={(r) => r.campaign?.id ?? 'total'}
      rowHeight={48}
      rowTone={(r) => (r.campaign ? undefined : 'active')}
      empty={<Empty title={t('reports.empty')} why={t('reports.emptyWhy')} />}
    />
  );
}
