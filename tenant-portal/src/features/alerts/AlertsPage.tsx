/// Every alert, standing ones first.
import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Alert } from '@/api/types';
import { time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar } from '@/shared/ui/FilterBar';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { ALERTS, useAcknowledge } from './api';
import { useAlertPage } from './alert-page';
import { alertText, alertTone } from './alert-text';

export function AlertsPage() {
  const { t } = useTranslation();
  const notice = useNotice();
  const acknowledges = useDoes('alerts');
  const acknowledge = useAcknowledge();
  const [filters, setFilters] = useUrlState(['open'] as const);
  const pages = usePages<Alert>([...ALERTS, 'list'], '/v1/alerts', filters, { refetchInterval: 15_000 });
  const link = useAlertPage();
  const columns: Column<Alert>[] = [
    { key: 'level', title: t('alerts.levelTitle'), width: '90px', render: (a) => <StatusTag tone={alertTone(a.level)}>{t(`alerts.level.${a.level}`)}</StatusTag> },
    {
      key: 'what',
      title: t('alerts.what'),
      width: 'minmax(260px, 1fr)',
      wraps: true,
      render: (a) => {
        const to = link(a);
        return to ? <Link to={to}>{alertText(t, a)}</Link> : alertText(t, a);
      },
    },
    { key: 'at', title: t('alerts.raisedAt'), width: '162px', render: (a) => time(a.raised_at) },
    { key: 'ack', title: t('alerts.acknowledgedAt'), width: '162px', render: (a) => time(a.acknowledged_at) },
    { key: 'end', title: t('alerts.closedAt'), width: '162px', render: (a) => (a.closed_at ? time(a.closed_at) : <StatusTag tone="warning">{t('alerts.standing')}</StatusTag>) },
  ];
  if (acknowledges)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '132px',
      render: (a) =>
        !a.acknowledged_at &&
        !a.closed_at && (
          <Button size="small" onClick={() => acknowledge.mutate(a.id, { onError: notice.failed })}>
            {t('alerts.acknowledge')}
          </Button>
        ),
    });
  return (
    <Page fill title={t('nav.alerts')} note={t('alerts.note')}>
      <FilterBar dirty={false} onClear={() => undefined}>
        <Segmented value={filters.open} onChange={(v) => setFilters({ open: String(v) })} options={[{ value: '', label: t('common.all') }, { value: 'true', label: t('alerts.openOnly') }]} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable grows label={t('nav.alerts')} columns={columns} rows={pages.rows} rowKey={(a) => a.id} {...pages.table} empty={<Empty title={t('alerts.none')} why={t('alerts.noneWhy')} />} />
      )}
    </Page>
  );
}
