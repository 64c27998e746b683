/// Groups: sets of contacts that a campaign calls.
import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api } from '@/api/http';
import type { Group } from '@/api/types';
import { count, DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { useContactChange } from './api';

export function GroupsPage() {
  const { t } = useTranslation();
  const edits = useDoes('contacts');
  const notice = useNotice();
  const go = useNavigate();
  const [editing, setEditing] = useState<Group | 'new' | null>(null);
  const [removing, setRemoving] = useState<Group | null>(null);
  const pages = usePages<Group>(['groups', 'list'], '/v1/groups', {});
  const remove = useContactChange((id: string) => api.del('/v1/groups/{id}', { path: { id } }));
  const columns: Column<Group>[] = [
    { key: 'name', title: t('common.name'), width: 'minmax(180px, 1.5fr)', wraps: true, render: (g) => <Link to={`/contacts?group_id=${g.id}`}>{g.name}</Link> },
    { key: 'n', title: t('groups.contacts'), width: '130px', align: 'right', render: (g) => count(g.contacts) },
    { key: 'remark', title: t('common.remark'), width: 'minmax(160px, 2fr)', wraps: true, render: (g) => g.remark || DASH },
    { key: 'at', title: t('common.createdAt'), width: '180px', render: (g) => time(g.created_at) },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '200px',
      render: (g) => (
        <span className="bb-row-actions">
          <Link to={`/campaigns/new?group_id=${g.id}`}>{t('groups.call')}</Link>
          <button type="button" className="bb-link" onClick={() => setEditing(g)}>
            {t('common.edit')}
          </button>
          <button type="button" className="bb-link" onClick={() => setRemoving(g)}>
            {t('common.delete')}
          </button>
        </span>
      ),
    });
  return (
    <Page
      fill
      title={t('nav.groups')}
      note={t('groups.note')}
      actions={
        <>
          <Button onClick={() => void go('/contacts/import')}>{t('imports.list')}</Button>
          {edits && (
            <Button type="primary" onClick={() => setEditing('new')}>
              {t('groups.add')}
            </Button>
          )}
        </>
      }
    >
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.groups')}
          columns={columns}
          rows={pages.rows}
          rowKey={(g) => g.id}
          {...pages.table}
          empty={<Empty title={t('groups.empty')} why={t(edits ? 'groups.emptyWhy' : 'groups.emptyWhyReading')} action={edits && <Button onClick={() => setEditing('new')}>{t('groups.add')}</Button>} />}
        />
      )}
      {editing && <GroupDialog group={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <TypedConfirm
        open={removing !== null}
        title={t('groups.deleteTitle')}
        consequence={t('groups.deleteConsequence')}
        word={removing?.name ?? ''}
        action={t('common.delete')}
        busy={remove.isPending}
        onCancel={() => setRemoving(null)}
        onConfirm={() =>
          removing &&
          remove.mutate(removing.id, {
            onError: notice.failed,
            onSuccess: () => {
              setRemoving(null);
              notice.done(t('common.deleted'));
            },
          })
        }
      />
    </Page>
  );
}

function GroupDialog({ group, onClose }: { group: Group | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ name: string; remark?: string }>();
  const save = useContactChange((f: { name: string; remark?: string }) => {
    const body = { name: f.name.trim(), remark: f.remark?.trim() ?? '' };
    return group ? api.patch('/v1/groups/{id}', body, { path: { id: group.id } }) : api.post('/v1/groups', body);
  });
  return (
    <Modal open mask={{ closable: false }} title={group ? t('groups.edit') : t('groups.add')} okText={t('common.save')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={save.isPending} width={440}>
      {save.error && <Trouble error={save.error} />}
      <Form form={form} layout="vertical" onFinish={(f) => save.mutate(f, { onSuccess: onClose })} initialValues={group ?? undefined} style={{ marginTop: 12 }}>
        <Form.Item name="name" label={t('common.name')} rules={[{ required: true, message: t('common.required') }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        <Form.Item name="remark" label={t('common.remark')}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
