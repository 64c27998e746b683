/// Edge gateways: enrol with a one-time token, liveness and capacity, drain, revoke.
import { Button, Input, Modal } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { Edge } from '@/api/types';
import { copied } from '@/shared/copy';
import { count, DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag, type Tone } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';

const TONE: Record<Edge['state'], Tone> = { online: 'success', offline: 'danger', draining: 'warning', pending: 'neutral' };
const EDGES = ['edges'] as const;

export function EdgesPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('edges');
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Edge | null>(null);
  const pages = usePages<Edge>(EDGES, '/v1/edges', {}, { refetchInterval: 5_000 });
  const refresh = () => client.invalidateQueries({ queryKey: EDGES });
  useEvents(['edge.changed'], () => void refresh());
  const drain = useMutation({ mutationFn: (id: string) => api.post('/v1/edges/{id}/drain', {}, { path: { id } }), onSettled: refresh, onError: notice.failed });
  const resume = useMutation({ mutationFn: (id: string) => api.del('/v1/edges/{id}/drain', { path: { id } }), onSettled: refresh, onError: notice.failed });
  const revoke = useMutation({ mutationFn: (id: string) => api.del('/v1/edges/{id}', { path: { id } }), onSettled: refresh, onError: notice.failed });
  const columns: Column<Edge>[] = [
    { key: 'name', title: t('common.name'), width: 'minmax(150px, 1fr)', wraps: true, render: (e) => <b className="bb-strong">{e.name}</b> },
    {
      key: 'state',
      title: t('common.state'),
      width: '120px',
      render: (e) => (
        <StatusTag tone={TONE[e.state] ?? 'neutral'} dot>
          {t(`edgeState.${e.state}`)}
        </StatusTag>
      ),
    },
    { key: 'live', title: t('edges.live'), width: '110px', align: 'right', render: (e) => count(e.live) },
    { key: 'free', title: t('edges.free'), width: '110px', align: 'right', render: (e) => (e.free == null ? t(`edges.room.${e.room}`) : count(e.free)) },
    { key: 'software', title: t('edges.software'), width: 'minmax(120px, 0.8fr)', render: (e) => e.software || DASH },
    { key: 'seen', title: t('edges.seen'), width: '180px', render: (e) => time(e.last_seen_at) },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '150px',
      render: (e) => (
        <span className="bb-row-actions">
          {e.state === 'online' && (
            <button type="button" className="bb-link" onClick={() => drain.mutate(e.id)}>
              {t('edges.drain')}
            </button>
          )}
          {e.state === 'draining' && (
            <button type="button" className="bb-link" onClick={() => resume.mutate(e.id)}>
              {t('edges.resume')}
            </button>
          )}
          <button type="button" className="bb-link" onClick={() => setRevoking(e)}>
            {t('edges.revoke')}
          </button>
        </span>
      ),
    });
  const add = edits && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('edges.add')}
    </Button>
  );
  return (
    <Page fill title={t('nav.edges')} note={t('edges.note')} actions={add}>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable label={t('nav.edges')} columns={columns} rows={pages.rows} rowKey={(e) => e.id} {...pages.table} empty={<Empty title={t('edges.empty')} why={t(edits ? 'edges.emptyWhy' : 'edges.emptyWhyReading')} action={add} />} />
      )}
      {adding && <EnrolDialog onClose={() => setAdding(false)} onDone={() => void refresh()} />}
      <TypedConfirm
        open={revoking !== null}
        title={t('edges.revokeTitle')}
        consequence={t('edges.revokeConsequence')}
        word={revoking?.name ?? ''}
        action={t('edges.revoke')}
        busy={revoke.isPending}
        onCancel={() => setRevoking(null)}
        onConfirm={() => revoking && revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
      />
    </Page>
  );
}

function EnrolDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [name, setName] = useState('');
  const enrol = useMutation({ mutationFn: () => api.post<{ token: string; expires_at: string }>('/v1/edges', { name: name.trim() }), onSuccess: onDone });
  const token = enrol.data;
  return (
    <Modal
      open
      mask={{ closable: false }}
      // A token is shown this once: only a button or the cross closes it.
      keyboard={!token}
      title={t('edges.add')}
      width={480}
      onCancel={onClose}
      okText={token ? t('common.close') : t('edges.makeToken')}
      okButtonProps={{ disabled: !token && !name.trim(), loading: enrol.isPending }}
      cancelButtonProps={{ style: token ? { display: 'none' } : undefined }}
      onOk={() => (token ? onClose() : enrol.mutate())}
    >
      {enrol.error && <Trouble error={enrol.error} />}
      {token ? (
        <>
          <p style={{ marginBottom: 8 }}>{t('edges.tokenNote', { at: time(token.expires_at) })}</p>
          <div className="bb-token">{token.token}</div>
          <Button size="small" style={{ marginTop: 8 }} onClick={() => void copied(token.token).then(notice.copied)}>
            {t('common.copy')}
          </Button>
        </>
      ) : (
        <label>
          <span style={{ display: 'block', marginBottom: 6 }}>{t('edges.nameHint')}</span>
          <Input autoFocus value={name} maxLength={60} onChange={(e) => setName(e.target.value)} />
        </label>
      )}
    </Modal>
  );
}
