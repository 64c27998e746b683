/// The tenant's do-not-call list.
import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { BlacklistEntry } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { count, DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Defined } from '@/shared/ui/Defined';
import { Empty } from '@/shared/ui/Empty';
import { fieldOf, sayAtField } from '@/shared/ui/field-trouble';
import { FilterBar, SearchInput } from '@/shared/ui/FilterBar';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { useContactChange } from './api';

const FILTERS = ['number'] as const;

export function BlacklistPage() {
  const { t } = useTranslation();
  const edits = useDoes('contacts');
  const notice = useNotice();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<BlacklistEntry | null>(null);
  const [filters, setFilters] = useUrlState(FILTERS, FILTERS);
  const pages = usePages<BlacklistEntry>(['blacklist'], '/v1/blacklist', filters);
  const remove = useContactChange((id: string) => api.del('/v1/blacklist/{id}', { path: { id } }));
  const columns: Column<BlacklistEntry>[] = [
    { key: 'number', title: t('contacts.number'), width: '160px', render: (b) => b.number },
    { key: 'reason', title: t('blacklist.reason'), width: 'minmax(200px, 1fr)', wraps: true, render: (b) => b.reason || DASH },
    { key: 'source', title: t('blacklist.source'), width: '140px', render: (b) => <Source of={b.source} /> },
    { key: 'at', title: t('blacklist.at'), width: '180px', render: (b) => time(b.created_at) },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '100px',
      render: (b) => (
        <button type="button" className="bb-link" onClick={() => setRemoving(b)}>
          {t('blacklist.remove')}
        </button>
      ),
    });
  return (
    <Page
      fill
      title={t('nav.blacklist')}
      note={t('blacklist.note')}
      actions={
        edits && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('blacklist.add')}
          </Button>
        )
      }
    >
      <FilterBar dirty={filters.number !== ''} onClear={() => setFilters({ number: null })}>
        <SearchInput value={filters.number} onChange={(number) => setFilters({ number })} placeholder={t('blacklist.searchPlaceholder')} />
      </FilterBar>
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.blacklist')}
          columns={columns}
          rows={pages.rows}
          rowKey={(b) => b.id}
          {...pages.table}
          empty={
            filters.number ? (
              <Empty title={t('blacklist.notFound')} why={t('blacklist.notFoundWhy')} action={<Button onClick={() => setFilters({ number: null })}>{t('common.clearFilters')}</Button>} />
            ) : (
              <Empty title={t('blacklist.empty')} why={t('blacklist.emptyWhy')} />
            )
          }
          footer={pages.rows.length > 0 ? t(pages.hasMore ? 'common.loadedMore' : 'common.total', { n: count(pages.rows.length) }) : undefined}
        />
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      <TypedConfirm
        open={removing !== null}
        title={t('blacklist.removeTitle')}
        consequence={t('blacklist.removeConsequence')}
        word={removing?.number.slice(-4) ?? ''}
        action={t('blacklist.remove')}
        busy={remove.isPending}
        onCancel={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.id, { onError: notice.failed, onSuccess: () => setRemoving(null) })}
      />
    </Page>
  );
}

/** How the number came here; what a rehearsal found holds for rehearsals alone. */
function Source({ of }: { of: BlacklistEntry['source'] }) {
  const { t } = useTranslation();
  if (!of) return DASH;
  const text = word('blacklistSource', of);
  return of === 'rehearsal' ? <Defined is={t('blacklist.rehearsalMeans')}>{text}</Defined> : text;
}

const AT_FIELD = ['number', 'reason'];

function AddDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ number: string; reason: string }>();
  const add = useContactChange((f: { number: string; reason: string }) => api.post('/v1/blacklist', f));
  return (
    <Modal open mask={{ closable: false }} title={t('blacklist.add')} okText={t('common.add')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={add.isPending} width={440}>
      {add.error && !fieldOf(add.error, AT_FIELD) && <Trouble error={add.error} />}
      <Form form={form} layout="vertical" onFinish={(f) => add.mutate(f, { onSuccess: onClose, onError: (error) => sayAtField(form, t, error, AT_FIELD) })} style={{ marginTop: 12 }}>
        <Form.Item name="number" label={t('contacts.number')} rules={[{ required: true, message: t('common.required') }]}>
          <Input autoFocus inputMode="tel" />
        </Form.Item>
        <Form.Item name="reason" label={t('blacklist.reason')} rules={[{ required: true, message: t('common.required') }]}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
