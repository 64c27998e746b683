/// Every script with its published version.
import { Button, Segmented } from 'antd';
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
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { archiveScript, removeScript, SCRIPTS } from './api';
import { CATEGORIES, ScriptDialog } from './ScriptDialog';

export function ScriptsPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('scripts');
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<Script | null>(null);
  const [filters, setFilter] = useUrlState(['archived', 'q', 'category'] as const);
  const { archived, q, category } = filters;
  const narrowed = Boolean(q || category);
  const pages = usePages<Script>([...SCRIPTS, 'list'], '/v1/scripts', { archived: archived === 'true', q, category });
  const archive = useMutation({
    mutationFn: ({ id, to }: { id: string; to: boolean }) => archiveScript(id, to),
    onError: notice.failed,
    onSettled: () => client.invalidateQueries({ queryKey: SCRIPTS }),
  });
  const setArchived = (s: Script, to: boolean) =>
    archive.mutate({ id: s.id, to }, { onSuccess: () => notice.undoable(t(to ? 'scripts.archivedOne' : 'scripts.restoredOne', { name: s.name }), () => archive.mutate({ id: s.id, to: !to })) });
  const remove = useMutation({ mutationFn: removeScript, onSettled: () => client.invalidateQueries({ queryKey: SCRIPTS }) });
  const columns: Column<Script>[] = [
    { key: 'name', title: t('scripts.name'), width: 'minmax(180px, 1.6fr)', wraps: true, render: (s) => <Link to={`/scripts/${s.id}`}>{s.name}</Link> },
    { key: 'category', title: t('scripts.category'), width: '120px', render: (s) => (s.category ? word('category', s.category) : DASH) },
    {
      key: 'published',
      title: t('common.state'),
      width: '150px',
      render: (s) => (s.published ? <StatusTag tone="success">{t('script.publishedAs', { n: s.published.number })}</StatusTag> : <StatusTag>{t('script.unpublished')}</StatusTag>),
    },
    { key: 'at', title: t('scripts.publishedAt'), width: '170px', render: (s) => time(s.published?.at) },
    { key: 'edited', title: t('scripts.editedAt'), width: '170px', render: (s) => time(s.draft.updated_at) },
    { key: 'remark', title: t('common.remark'), width: 'minmax(140px, 1fr)', wraps: true, render: (s) => s.remark || DASH },
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
      <FilterBar views={{ list: 'scripts', filters, searched: ['q'], onPick: setFilter }} dirty={narrowed} onClear={() => setFilter({ q: null, category: null })}>
        <SearchInput value={q} onChange={(v) => setFilter({ q: v })} placeholder={t('scripts.searchPlaceholder')} />
        <Pick label={t('scripts.category')} value={category} onChange={(v) => setFilter({ category: v })} options={CATEGORIES.map((c) => ({ value: c, label: t(`category.${c}`) }))} />
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
          empty={narrowed ? <Empty title={t('common.nothingFound')} why={t('common.nothingFoundWhy')} /> : archived ? <Empty title={t('scripts.noArchived')} why={t('scripts.noArchivedWhy')} /> : <Empty title={t('scripts.empty')} why={t(edits ? 'scripts.emptyWhy' : 'scripts.emptyWhyReading')} action={create} />}
        />
      )}
      {creating && <ScriptDialog onClose={() => setCreating(false)} />}
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
