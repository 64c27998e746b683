/// Trunks: calls in use against the limit, state, and the line-fault report.
import { Button, Input, Modal } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { Trunk } from '@/api/types';
import { TrunkTag } from '@/shared/domain/tags';
import { count, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { TrunkDrawer } from './TrunkDrawer';

export const TRUNKS = ['trunks'] as const;

export function TrunksPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('trunks');
  const [editing, setEditing] = useState<Trunk | 'new' | null>(null);
  const [removing, setRemoving] = useState<Trunk | null>(null);
  const [faulty, setFaulty] = useState<Trunk | null>(null);
  const pages = usePages<Trunk>([...TRUNKS, 'list'], '/v1/trunks', {}, { refetchInterval: 5_000 });
  const refresh = () => client.invalidateQueries({ queryKey: TRUNKS });
  useEvents(['trunk.changed'], () => void refresh());
  const remove = useMutation({ mutationFn: (id: string) => api.del('/v1/trunks/{id}', { path: { id } }), onSettled: refresh, onError: notice.failed });
  const report = useMutation({ mutationFn: ({ id, reason }: { id: string; reason: string }) => api.post('/v1/trunks/{id}/fault', { reason }, { path: { id } }), onSettled: refresh, onError: notice.failed });
  const repaired = useMutation({ mutationFn: (id: string) => api.del('/v1/trunks/{id}/fault', { path: { id } }), onSettled: refresh, onError: notice.failed });

  const columns: Column<Trunk>[] = [
    { key: 'name', title: t('common.name'), width: 'minmax(110px, 1.2fr)', wraps: true, render: (k) => <b className="bb-strong">{k.name}</b> },
    { key: 'kind', title: t('trunks.kind'), width: '90px', render: (k) => t(`trunkKind.${k.kind}`) },
    { key: 'state', title: t('common.state'), width: '112px', render: (k) => <TrunkTag state={k.state} calls={k.calls} /> },
    { key: 'calls', title: t('trunks.inUse'), width: 'minmax(130px, 1fr)', render: (k) => <Meter used={k.calls} limit={k.max_calls} /> },
    { key: 'cps', title: t('trunks.cps'), width: '80px', align: 'right', render: (k) => count(k.calls_per_second) },
    { key: 'address', title: t('trunks.address'), width: 'minmax(140px, 1fr)', render: (k) => k.address },
    { key: 'ids', title: t('trunks.callerIds'), width: '84px', align: 'right', render: (k) => <span title={k.caller_ids.join('\n')}>{t('trunks.callerIdCount', { n: k.caller_ids.length })}</span> },
    {
      key: 'fault',
      title: t('trunks.fault'),
      width: 'minmax(120px, 1.2fr)',
      render: (k) =>
        k.fault ? (
          <span title={`${k.fault.reason} ${time(k.fault.at)}`}>
            <StatusTag tone="danger">{t('trunks.reported')}</StatusTag> {k.fault.reason}
          </span>
        ) : (
          <span className="bb-muted">{t('trunks.noFault')}</span>
        ),
    },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '178px',
      render: (k) => (
        <span className="bb-row-actions">
          <button type="button" className="bb-link" onClick={() => (k.fault ? repaired.mutate(k.id) : setFaulty(k))}>
            {k.fault ? t('trunks.repaired') : t('trunks.report')}
          </button>
          <button type="button" className="bb-link" onClick={() => setEditing(k)}>
            {t('common.edit')}
          </button>
          <button type="button" className="bb-link" onClick={() => setRemoving(k)}>
            {t('common.delete')}
          </button>
        </span>
      ),
    });
  return (
    <Page
      fill
      title={t('nav.trunks')}
      note={t('trunks.note')}
      actions={
        edits && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('trunks.add')}
          </Button>
        )
      }
    >
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.trunks')}
          columns={columns}
          rows={pages.rows}
          rowKey={(k) => k.id}
          rowTone={(k) => (k.fault || k.state === 'down' ? 'danger' : undefined)}
          {...pages.table}
          empty={<Empty title={t('trunks.empty')} why={t(edits ? 'trunks.emptyWhy' : 'trunks.emptyWhyReading')} action={edits && <Button onClick={() => setEditing('new')}>{t('trunks.add')}</Button>} />}
        />
      )}
      {editing && <TrunkDrawer trunk={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      {faulty && <FaultDialog trunk={faulty} busy={report.isPending} onClose={() => setFaulty(null)} onReport={(reason) => report.mutate({ id: faulty.id, reason }, { onSuccess: () => setFaulty(null) })} />}
      <TypedConfirm
        open={removing !== null}
        title={t('trunks.deleteTitle')}
        consequence={t('trunks.deleteConsequence')}
        word={removing?.name ?? ''}
        action={t('common.delete')}
        busy={remove.isPending}
        onCancel={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onSuccess: () => setRemoving(null) })}
      />
    </Page>
  );
}

function Meter({ used, limit }: { used: number; limit: number }) {
  return (
    <span className="bb-meter">
      <i aria-hidden="true">
        <b style={{ width: `${Math.min(100, (used / Math.max(limit, 1)) * 100)}%` }} />
      </i>
      <span>
        {count(used)}/{count(limit)}
      </span>
    </span>
  );
}

function FaultDialog({ trunk, busy, onClose, onReport }: { trunk: Trunk; busy: boolean; onClose: () => void; onReport: (reason: string) => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <Modal open mask={{ closable: false }} title={t('trunks.reportTitle', { name: trunk.name })} okText={t('trunks.report')} okButtonProps={{ disabled: !reason.trim(), loading: busy }} onOk={() => onReport(reason.trim())} onCancel={onClose} width={440}>
      <p style={{ marginBottom: 12 }}>{t('trunks.reportNote')}</p>
      <Input.TextArea autoFocus rows={3} maxLength={200} value={reason} aria-label={t('trunks.reason')} placeholder={t('trunks.reason')} onChange={(e) => setReason(e.target.value)} />
    </Modal>
  );
}
