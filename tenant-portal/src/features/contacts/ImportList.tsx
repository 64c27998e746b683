/// Every import, newest first: below the upload for those who import, a page of its own for those who only read.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Import } from '@/api/types';
import { count, time } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { useImports } from './import-api';

export function ImportList({ height }: { height?: number }) {
  const { t } = useTranslation();
  const edits = useDoes('contacts');
  const pages = useImports();
  const columns: Column<Import>[] = [
    { key: 'file', title: t('imports.file'), width: 'minmax(180px, 2fr)', wraps: true, render: (i) => <Link to={`/contacts/import?id=${i.id}`}>{i.file_name}</Link> },
    { key: 'group', title: t('contacts.group'), width: 'minmax(140px, 1fr)', wraps: true, render: (i) => groupName(i.group) },
    { key: 'state', title: t('common.state'), width: '100px', render: (i) => <ImportTag state={i.state} /> },
    { key: 'total', title: t('imports.total'), width: '100px', align: 'right', render: (i) => count(i.rows.total) },
    { key: 'ok', title: t('imports.accepted'), width: '100px', align: 'right', render: (i) => count(i.rows.accepted) },
    { key: 'bad', title: t('imports.rejected'), width: '110px', align: 'right', render: (i) => count(i.rows.duplicate + i.rows.invalid + i.rows.blocked) },
    { key: 'at', title: t('common.time'), width: '186px', render: (i) => time(i.created_at) },
  ];
  const list = pages.error ? (
    <Trouble error={pages.error} onRetry={pages.refetch} />
  ) : (
    <DataTable
      label={t('imports.list')}
      height={height}
      columns={columns}
      rows={pages.rows}
      rowKey={(i) => i.id}
      {...pages.table}
      empty={<Empty title={t('imports.none')} why={t(edits ? 'imports.noneWhy' : 'imports.noneWhyReading')} />}
    />
  );
  return height === undefined ? (
    list
  ) : (
    <Panel title={t('imports.list')} flush>
      {list}
    </Panel>
  );
}

export const groupName = (group: Import['group'] | string): string => (typeof group === 'string' ? group : (group?.name ?? '—'));

export function ImportTag({ state }: { state: Import['state'] }) {
  const { t } = useTranslation();
  const tone = { queued: 'neutral', running: 'primary', done: 'success', failed: 'danger' } as const;
  return <StatusTag tone={tone[state]}>{t(`importState.${state}`)}</StatusTag>;
}
