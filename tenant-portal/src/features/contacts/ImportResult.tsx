/// Step 3: the server's progress while it runs, then every row accounted for; each bucket opens its rows.
import { Button, Drawer, Progress, Skeleton } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { download } from '@/api/http';
import { Problem } from '@/api/problem';
import type { Import, ImportRow } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { count, duration } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useDoes } from '@/shared/session';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { NotHere } from '@/shared/ui/NotHere';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { isOver, useImport } from './import-api';
import { groupName, ImportTag } from './ImportList';

type Bucket = 'duplicate' | 'invalid' | 'blocked';

export function ImportResult({ id, onAgain }: { id: string; onAgain: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const edits = useDoes('contacts');
  const [bucket, setBucket] = useState<Bucket | null>(null);
  const result = useImport(id);
  if (result.error && !result.data) return <NotHere error={result.error} back={{ to: '/contacts/import', text: t('imports.list') }} onRetry={() => void result.refetch()} />;
  const data = result.data;
  if (!data)
    return (
      <Panel>
        <Skeleton active />
      </Panel>
    );
  const { rows } = data;
  const bad = rows.duplicate + rows.invalid + rows.blocked;
  return (
    <>
      {data.state === 'failed' && <Trouble error={data.error ? new Problem(data.error.code, 422, data.error.params) : null} />}
      <Panel
        title={
          <>
            {data.file_name} <ImportTag state={data.state} />
          </>
        }
        extra={t('common.is', { name: t('imports.toGroup'), value: groupName(data.group) })}
      >
        {!isOver(data) && <Running data={data} />}
        <div className="bb-buckets" aria-live="polite">
          <Bar rows={rows} />
          <dl>
            <div>
              <dt>{t('imports.total')}</dt>
              <dd>{count(rows.total)}</dd>
            </div>
            <BucketFigure name="accepted" value={rows.accepted} onOpen={isOver(data) && rows.accepted > 0 ? () => void go(contactsOf(data)) : undefined} />
            {(['duplicate', 'invalid', 'blocked'] as const).map((b) => (
              <BucketFigure key={b} name={b} value={rows[b]} onOpen={isOver(data) && rows[b] > 0 ? () => setBucket(b) : undefined} />
            ))}
          </dl>
          {Boolean(data.dead) && <p className="bb-muted">{t('imports.dead', { n: count(data.dead) })}</p>}
        </div>
      </Panel>
      {isOver(data) && (
        <div className="bb-wizard-foot">
          {edits && <Button onClick={onAgain}>{t('imports.again')}</Button>}
          {bad > 0 && data.own && (
            <Button onClick={() => void download('/v1/imports/{id}/errors.xlsx', { path: { id } }, t('imports.errorsName', { name: stemOf(data.file_name) })).catch(notice.failed)}>
              {t('imports.errorFile', { n: count(bad) })}
            </Button>
          )}
          {edits && rows.accepted > 0 && (
            <Button type="primary" onClick={() => void go(data.group ? `/campaigns/new?group_id=${data.group.id}` : '/campaigns/new')}>
              {t('imports.toCampaign')}
            </Button>
          )}
        </div>
      )}
      <Drawer open={bucket !== null} size={640} title={bucket ? t(`imports.${bucket}`) : ''} onClose={() => setBucket(null)} destroyOnHidden>
        {bucket && <BucketRows id={id} bucket={bucket} />}
      </Drawer>
    </>
  );
}

/** The error file is a sheet, whatever the file was. */
const stemOf = (file: string): string => file.replace(/\.(xlsx|xls|csv)$/i, '');

const contactsOf = (data: Import): string => (data.group ? `/contacts?group_id=${data.group.id}` : '/contacts');

function Running({ data }: { data: Import }) {
  const { t } = useTranslation();
  const left = data.eta_s;
  const done = data.rows.total;
  const share = data.rows_estimate ? Math.min(0.99, done / data.rows_estimate) : null;
  return (
    <div className="bb-running">
      <Progress percent={Math.floor((share ?? 0) * 100)} status="active" showInfo={share != null} aria-label={t('imports.result')} />
      <span className="bb-muted">
        {data.state === 'queued' ? t('imports.queued') : t('imports.speed', { n: count(data.rows_per_s ?? 0), left: duration((left ?? 0) * 1000) })}
      </span>
    </div>
  );
}

/** The share of each bucket, drawn; the figures below say the same in words. */
function Bar({ rows }: { rows: Import['rows'] }) {
  const parts = [
    ['var(--bb-success)', rows.accepted],
    ['var(--bb-line-strong)', rows.duplicate],
    ['var(--bb-danger)', rows.invalid],
    ['var(--bb-warning)', rows.blocked],
  ] as const;
  return (
    <div className="bb-bar" aria-hidden="true">
      {parts.map(([color, n]) => n > 0 && <i key={color} style={{ flexGrow: n, background: color }} />)}
    </div>
  );
}

function BucketFigure({ name, value, onOpen }: { name: 'accepted' | Bucket; value: number; onOpen?: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={`is-${name}`}>
      <dt>{t(`imports.${name}`)}</dt>
      <dd>
        {onOpen ? (
          <button type="button" className="bb-link" onClick={onOpen}>
            {count(value)}
          </button>
        ) : (
          count(value)
        )}
      </dd>
    </div>
  );
}

function BucketRows({ id, bucket }: { id: string; bucket: Bucket }) {
  const { t } = useTranslation();
  const pages = usePages<ImportRow>(['imports', id, 'rows'], `/v1/imports/${id}/rows`, { verdict: bucket });
  if (pages.error) return <Trouble error={pages.error} onRetry={pages.refetch} />;
  return (
    <DataTable
      label={t(`imports.${bucket}`)}
      height={560}
      rows={pages.rows}
      rowKey={(r) => String(r.row)}
      {...pages.table}
      empty={<Empty title={t('common.nothingFound')} />}
      columns={[
        { key: 'row', title: t('imports.row'), width: '70px', align: 'right', render: (r) => count(r.row) },
        { key: 'cells', title: t('imports.content'), width: 'minmax(220px, 1.4fr)', wraps: true, render: (r) => r.cells?.join(' / ') ?? [r.name, r.number].filter(Boolean).join(' / ') },
        { key: 'why', title: t('imports.why'), width: 'minmax(160px, 1fr)', wraps: true, render: (r) => r.reason ?? word('rowError', r.code) },
      ]}
    />
  );
}
