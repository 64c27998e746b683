/// Every script with its published version.
import { Button, Form, Input, Modal, Segmented, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Script } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { DASH, time } from '@/shared/format/format';
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
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { archiveScript, createScript, removeScript, SCRIPTS } from './api';

const CATEGORIES = ['marketing', 'revisit', 'notice', 'collection', 'public'] as const;

export function ScriptsPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('scripts');
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<Script | null>(null);
  const [{ archived }, setFilter] = useUrlState(['archived'] as const);
  const pages = usePages<Script>([...SCRIPTS, 'list'], '/v1/scripts', { archived: archived === 'true' });
  const archive = useMutation({
    mutationFn: ({ id, to }: { id: string; to: boolean }) => archiveScript(id, to),
    onError: notice.failed,
    onSettled: () => client.invalidateQueries({ queryKey: SCRIPTS }),
  });
  const setArchived = (s: Script, to: boolean) =>
    archive.mutate({ id: s.id, to }, { onSuccess: () => notice.undoable(t(to ? 'scripts.archivedOne' : 'scripts.restoredOne', { name: s.name }), () => archive.mutate({ id: s.id, to: !to })) });
  const remove = useMutation({ mutationFn: removeScript, onSettled: () => client.invalidateQueries({ queryKey: SCRIPTS }) });
  const columns: Column<Script>[] = [
    { key: 'name', title: t('scripts.name'), width: 'minmax(180px, 1.6fr)', render: (s) => <Link to={`/scripts/${s.id}`}>{s.name}</Link> },
    { key: 'category', title: t('scripts.category'), width: '120px', render: (s) => (s.category ? word('category', s.category) : DASH) },
    {
      key: 'published',
      title: t('common.state'),
      width: '150px',
      render: (s) => (s.published ? <StatusTag tone="success">{t('script.publishedAs', { n: s.published.number })}</StatusTag> : <StatusTag>{t('script.unpublished')}</StatusTag>),
    },
    { key: 'at', title: t('scripts.publishedAt'), width: '170px', render: (s) => time(s.published?.at) },
    { key: 'edited', title: t('scripts.editedAt'), width: '170px', render: (s) => time(s.draft.updated_at) },
    { key: 'remark', title: t('common.remark'), width: 'minmax(140px, 1fr)', render: (s) => s.remark || DASH },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '130px',
      render: (s) => (
        <span className="bb-row-actions">
          <Link to={`/scripts/${s.id}`}>{t('common.edit')}</Link>
          {s.published || s.archived ? (
            <button type="button" className="bb-link" onClick={() => setArchived(s, !s.archived)}>
              {s.archived ? t('contacts.restore') : t('contacts.archive')}
            </button>
          ) : (
            <button type="button" className="bb-link" onClick={() => setRemoving(s)}>
              {t('common.delete')}
            </button>
          )}
        </span>
      ),
    });
  const create = edits && (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t('scripts.create')}
    </Button>
  );
  return (
    <Page fill title={t('nav.scripts')} actions={create}>
      <FilterBar dirty={false} onClear={() => undefined}>
        <Segmented value={archived} onChange={(v) => setFilter({ archived: String(v) })} options={[{ value: '', label: t('scripts.inUse') }, { value: 'true', label: t('contacts.archived') }]} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.scripts')}
          columns={columns}
          rows={pages.rows}
          rowKey={(s) => s.id}
          {...pages.table}
          onOpen={(s) => void go(`/scripts/${s.id}`)}
          empty={archived ? <Empty title={t('scripts.noArchived')} why={t('scripts.noArchivedWhy')} /> : <Empty title={t('scripts.empty')} why={t('scripts.emptyWhy')} action={create} />}
        />
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
      <TypedConfirm
        open={removing !== null}
        title={t('scripts.deleteTitle')}
        consequence={t('scripts.deleteConsequence')}
        word={removing?.name ?? ''}
        action={t('common.delete')}
        busy={remove.isPending}
        onCancel={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onError: notice.failed, onSuccess: () => setRemoving(null) })}
      />
    </Page>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [form] = Form.useForm<{ name: string; category: string; remark?: string }>();
  const create = useMutation({
    mutationFn: (f: { name: string; category: string; remark?: string }) => createScript({ name: f.name.trim(), category: f.category, remark: f.remark?.trim() ?? '' }),
    onSuccess: (s) => void go(`/scripts/${s.id}`),
  });
  return (
    <Modal open title={t('scripts.create')} okText={t('scripts.createAndEdit')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={create.isPending} width={440}>
      {create.error && <Trouble error={create.error} />}
      <Form form={form} layout="vertical" initialValues={{ category: 'marketing' }} onFinish={(f) => create.mutate(f)} style={{ marginTop: 12 }}>
        <Form.Item name="name" label={t('scripts.name')} rules={[{ required: true, message: t('common.required') }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        <Form.Item name="category" label={t('scripts.category')}>
          <Select options={CATEGORIES.map((c) => ({ value: c, label: t(`category.${c}`) }))} />
        </Form.Item>
        <Form.Item name="remark" label={t('common.remark')}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
