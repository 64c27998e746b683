/// Step 1: choose a file; the server reads its head and answers with a preview. Recent imports below.
import { Button } from 'antd';
import InboxOutlined from '@ant-design/icons/InboxOutlined';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Import, ImportPreview } from '@/api/types';
import { count, time } from '@/shared/format/format';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { previewImport, useImports } from './import-api';

const ACCEPT = '.xlsx,.xls,.csv';

export function ImportUpload({ onPreview }: { onPreview: (file: File, preview: ImportPreview) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const preview = useMutation({ mutationFn: previewImport });
  const take = (file: File | undefined | null) => {
    if (file) preview.mutate(file, { onSuccess: (p) => onPreview(file, p) });
  };
  return (
    <>
      {preview.error && <Trouble error={preview.error} />}
      <Panel>
        <div
          className={`bb-drop ${over ? 'is-over' : ''}`}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(e) => {
            e.preventDefault();
            setOver(false);
            take(e.dataTransfer.files[0]);
          }}
        >
          <InboxOutlined />
          <b>{t('imports.drop')}</b>
          <span className="bb-muted">{t('imports.dropNote')}</span>
          <Button type="primary" loading={preview.isPending} onClick={() => input.current?.click()}>
            {preview.isPending ? t('imports.reading') : t('imports.choose')}
          </Button>
          <input
            ref={input}
            type="file"
            className="sr-only"
            accept={ACCEPT}
            aria-label={t('imports.choose')}
            tabIndex={-1}
            onChange={(e) => {
              take(e.target.files?.[0]);
              e.target.value = '';
            }}
          />
        </div>
      </Panel>
      <RecentImports />
    </>
  );
}

function RecentImports() {
  const { t } = useTranslation();
  const recent = useImports();
  const columns: Column<Import>[] = [
    { key: 'file', title: t('imports.file'), width: 'minmax(180px, 2fr)', render: (i) => <Link to={`/contacts/import?id=${i.id}`}>{i.file_name}</Link> },
    { key: 'group', title: t('contacts.group'), width: 'minmax(140px, 1fr)', render: (i) => groupName(i.group) },
    { key: 'state', title: t('common.state'), width: '100px', render: (i) => <ImportTag state={i.state} /> },
    { key: 'total', title: t('imports.total'), width: '100px', align: 'right', render: (i) => count(i.rows.total) },
    { key: 'ok', title: t('imports.accepted'), width: '100px', align: 'right', render: (i) => count(i.rows.accepted) },
    { key: 'bad', title: t('imports.rejected'), width: '110px', align: 'right', render: (i) => count(i.rows.duplicate + i.rows.invalid + i.rows.blocked) },
    { key: 'at', title: t('common.time'), width: '186px', render: (i) => time(i.created_at) },
  ];
  return (
    <Panel title={t('imports.recent')} flush>
      {recent.error && !recent.data ? (
        <Trouble error={recent.error} onRetry={() => void recent.refetch()} />
      ) : (
        <DataTable
          label={t('imports.recent')}
          height={300}
          columns={columns}
          rows={recent.data?.items ?? []}
          rowKey={(i) => i.id}
          loading={recent.isPending}
          empty={<Empty title={t('imports.none')} why={t('imports.noneWhy')} />}
        />
      )}
    </Panel>
  );
}

export const groupName = (group: Import['group'] | string): string => (typeof group === 'string' ? group : (group?.name ?? '—'));

export function ImportTag({ state }: { state: Import['state'] }) {
  const { t } = useTranslation();
  const tone = { queued: 'neutral', running: 'primary', done: 'success', failed: 'danger' } as const;
  return <StatusTag tone={tone[state]}>{t(`importState.${state}`)}</StatusTag>;
}
