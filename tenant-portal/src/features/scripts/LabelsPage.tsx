/// Intent labels: the tenant's own words for how a call went. Hot ones become leads.
import { Button, Form, Input, Modal, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { Label } from '@/api/types';
import { useLabels } from '@/shared/domain/lookups';
import { LabelTag } from '@/shared/domain/tags';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';

const SEEDED = new Set(['high', 'low', 'refused', 'callback', 'invalid']);

export function LabelsPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('labels');
  const labels = useLabels();
  const [editing, setEditing] = useState<Label | 'new' | null>(null);
  const [removing, setRemoving] = useState<Label | null>(null);
  const remove = useMutation({ mutationFn: (id: string) => api.del('/v1/labels/{id}', { path: { id } }), onSettled: () => client.invalidateQueries({ queryKey: ['labels'] }) });
  const seeded = (l: Label) => l.seeded ?? SEEDED.has(l.key);
  const columns: Column<Label>[] = [
    { key: 'name', title: t('common.name'), width: 'minmax(160px, 1fr)', render: (l) => <LabelTag label={l} /> },
    { key: 'key', title: t('labels.key'), width: '180px', render: (l) => <code>{l.key}</code> },
    { key: 'hot', title: t('labels.hot'), width: 'minmax(180px, 1fr)', render: (l) => (l.hot ? <StatusTag tone="success">{t('labels.becomesLead')}</StatusTag> : <span className="bb-muted">{t('labels.noLead')}</span>) },
    { key: 'seeded', title: t('labels.origin'), width: '140px', render: (l) => (seeded(l) ? t('labels.seeded') : t('labels.own')) },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '140px',
      render: (l) => (
        <span className="bb-row-actions">
          <button type="button" className="bb-link" onClick={() => setEditing(l)}>
            {t('common.edit')}
          </button>
          {!seeded(l) && (
            <button type="button" className="bb-link" onClick={() => setRemoving(l)}>
              {t('common.delete')}
            </button>
          )}
        </span>
      ),
    });
  return (
    <Page
      fill
      title={t('nav.labels')}
      note={t(edits ? 'labels.note' : 'labels.noteReading')}
      actions={
        edits && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('labels.add')}
          </Button>
        )
      }
    >
      {labels.error && !labels.data ? (
        <Trouble error={labels.error} onRetry={() => void labels.refetch()} />
      ) : (
        <DataTable label={t('nav.labels')} columns={columns} rows={labels.data ?? []} rowKey={(l) => l.id} loading={labels.isPending} empty={<Empty title={t('common.nothingFound')} />} />
      )}
      {editing && <LabelDialog label={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <TypedConfirm
        open={removing !== null}
        title={t('labels.deleteTitle')}
        consequence={t('labels.deleteConsequence')}
        word={removing?.name ?? ''}
        action={t('common.delete')}
        busy={remove.isPending}
        onCancel={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onError: notice.failed, onSuccess: () => setRemoving(null) })}
      />
    </Page>
  );
}

type Fields = { key: string; name: string; hot: boolean };

function LabelDialog({ label, onClose }: { label: Label | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (f: Fields) =>
      label
        ? api.patch('/v1/labels/{id}', { name: f.name.trim(), color: label.color, hot: f.hot }, { path: { id: label.id } })
        : api.post('/v1/labels', { key: f.key.trim(), name: f.name.trim(), color: '#647085', hot: f.hot }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['labels'] });
      onClose();
    },
  });
  return (
    <Modal open mask={{ closable: false }} title={label ? t('labels.edit') : t('labels.add')} okText={t('common.save')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={save.isPending} width={420}>
      {save.error && <Trouble error={save.error} />}
      <Form form={form} layout="vertical" initialValues={label ?? { hot: false }} onFinish={(f) => save.mutate(f)} style={{ marginTop: 12 }}>
        <Form.Item name="name" label={t('common.name')} rules={[{ required: true, message: t('common.required') }]}>
          <Input autoFocus maxLength={20} />
        </Form.Item>
        {!label && (
          <Form.Item name="key" label={t('labels.key')} extra={t('labels.keyHint')} rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{1,30}$/, message: t('labels.keyHint') }]}>
            <Input maxLength={30} />
          </Form.Item>
        )}
        <Form.Item name="hot" label={t('labels.hot')} valuePropName="checked" extra={t('labels.hotHint')}>
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
