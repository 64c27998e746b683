/// The list of contacts: search, filters, add, archive, and the way to import.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Contact } from '@/api/types';
import { optionsOf, useGroups, useLabels } from '@/shared/domain/lookups';
import { CallStatusTag, LabelTag } from '@/shared/domain/tags';
import { count, DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useUrlState } from '@/shared/hooks/url-state';
import { useDoes } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { FilterBar, Pick, SearchInput } from '@/shared/ui/FilterBar';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { AddToGroup } from './AddToGroup';
import { archiveContacts, callAgain, CONTACTS, unarchiveContact, useContactChange } from './api';
import { ContactDrawer } from './ContactDrawer';
import { useNotice } from '@/shared/ui/notice';

const FILTERS = ['q', 'group_id', 'status', 'label', 'archived'] as const;
const SEARCHED = ['q'] as const;
const STATUSES = ['never', 'answered', 'not_connected', 'invalid', 'blocked'] as const;

export function ContactsPage() {
  const { t } = useTranslation();
  const go = useNavigate();
  const edits = useDoes('contacts');
  const notice = useNotice();
  const [filters, setFilters] = useUrlState(FILTERS, SEARCHED);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const view = FILTERS.map((f) => filters[f]).join('\n');
  const [seen, setSeen] = useState(view);
  // What was selected in another view of the list is out of sight and would be changed unseen.
  if (seen !== view) {
    setSeen(view);
    setSelected(new Set());
  }
  const [adding, setAdding] = useState(false);
  const [grouping, setGrouping] = useState(false);
  const groups = useGroups();
  const labels = useLabels();
  const pages = usePages<Contact>(CONTACTS, '/v1/contacts', filters);
  const archive = useContactChange(archiveContacts);
  const restore = useContactChange((ids: string[]) => Promise.all(ids.map(unarchiveContact)));
  const revive = useContactChange((ids: string[]) => Promise.all(ids.map(callAgain)));
  const dirty = FILTERS.some((f) => filters[f]);
  const picked = pages.rows.filter((c) => selected.has(c.id));
  const able = picked.filter((c) => !c.archived).map((c) => c.id);
  const archived = picked.length - able.length;
  const dead = picked.filter((c) => c.dead).map((c) => c.id);
  const gone = selected.size - picked.length;
  const skipped = [archived > 0 && t('contacts.archived'), gone > 0 && t('contacts.gone')].filter(Boolean).join(t('common.and'));
  const clear = () => setFilters({ q: null, group_id: null, status: null, label: null, archived: null });

  const archiveSelected = () =>
    archive.mutate(able, {
      onError: notice.failed,
      onSuccess: () => {
        setSelected(new Set());
        notice.undoable(t('contacts.archivedN', { n: able.length }), () => void restore.mutateAsync(able).catch(notice.failed));
      },
    });

  const reviveSelected = () =>
    revive.mutate(dead, {
      onError: notice.failed,
      onSuccess: () => {
        setSelected(new Set());
        notice.done(t('contacts.callableN', { n: dead.length }));
      },
    });

  const columns: Column<Contact>[] = [
    { key: 'name', title: t('contacts.name'), width: 'minmax(90px, 1fr)', render: (c) => <Link to={`/contacts/${c.id}`}>{c.name || t('common.unnamed')}</Link> },
    { key: 'number', title: t('contacts.number'), width: '124px', render: (c) => <span className="bb-num">{c.number}</span> },
    { key: 'region', title: t('contacts.region'), width: 'minmax(92px, 1fr)', render: (c) => regionOf(c) },
    { key: 'carrier', title: t('contacts.carrier'), width: '92px', render: (c) => c.carrier || DASH },
    { key: 'groups', title: t('contacts.groups'), width: 'minmax(96px, 1.3fr)', render: (c) => c.groups.map((g) => g.name).join(t('common.and')) || DASH },
    {
      key: 'status',
      title: t('contacts.callStatus'),
      width: 'minmax(196px, 0.8fr)',
      render: (c) => (
        <span className="bb-tags">
          <CallStatusTag status={c.call_status} />
          {c.blacklisted && c.call_status !== 'blocked' && <StatusTag tone="danger">{t('contacts.blacklisted')}</StatusTag>}
          {c.dead && c.call_status !== 'invalid' && <StatusTag tone="danger">{t('contacts.dead')}</StatusTag>}
          {c.archived && <StatusTag>{t('contacts.archived')}</StatusTag>}
        </span>
      ),
    },
    { key: 'label', title: t('contacts.label'), width: '92px', render: (c) => <LabelTag label={c.label} /> },
    { key: 'last', title: t('contacts.lastCall'), width: '162px', render: (c) => time(c.last_call_at) },
    { key: 'remark', title: t('common.remark'), width: 'minmax(80px, 1fr)', render: (c) => <span title={c.remark}>{c.remark || DASH}</span> },
  ];

  return (
    <Page
      fill
      title={t('nav.contacts')}
      actions={
        edits ? (
          <>
            <Button onClick={() => setAdding(true)}>{t('contacts.add')}</Button>
            <Button type="primary" onClick={() => void go('/contacts/import')}>
              {t('contacts.import')}
            </Button>
          </>
        ) : (
          <Button onClick={() => void go('/contacts/import')}>{t('imports.list')}</Button>
        )
      }
    >
      <FilterBar views={{ list: 'contacts', filters, searched: SEARCHED, onPick: setFilters }} dirty={dirty} onClear={clear} count={pages.rows.length > 0 && t(pages.hasMore ? 'common.loadedMore' : 'common.total', { n: count(pages.rows.length) })}>
        <SearchInput value={filters.q} onChange={(q) => setFilters({ q })} placeholder={t('contacts.searchPlaceholder')} width={216} />
        <Pick label={t('contacts.group')} value={filters.group_id} onChange={(v) => setFilters({ group_id: v })} options={optionsOf(groups.data)} width={156} />
        <Pick label={t('contacts.callStatus')} value={filters.status} onChange={(v) => setFilters({ status: v })} options={STATUSES.map((s) => ({ value: s, label: t(`callStatus.${s}`) }))} />
        <Pick label={t('contacts.label')} value={filters.label} onChange={(v) => setFilters({ label: v })} options={(labels.data ?? []).map((l) => ({ value: l.key, label: l.name }))} width={130} />
        <Pick label={t('contacts.archivedFilter')} value={filters.archived} onChange={(v) => setFilters({ archived: v })} options={[{ value: 'true', label: t('contacts.onlyArchived') }]} width={130} />
      </FilterBar>
      {selected.size > 0 && (
        <div className="bb-bulk">
          <span>{skipped ? t('common.bulkSkipping', { n: selected.size, able: able.length, skip: archived + gone, why: skipped }) : t('common.bulkSummary', { n: selected.size, able: able.length })}</span>
          <Button size="small" type="primary" disabled={able.length === 0} loading={archive.isPending} onClick={archiveSelected}>
            {t('contacts.archive')}
          </Button>
          <Button size="small" disabled={picked.length === 0} onClick={() => setGrouping(true)}>
            {t('contacts.addToGroup')}
          </Button>
          {dead.length > 0 && (
            <Button size="small" loading={revive.isPending} onClick={reviveSelected}>
              {t('contacts.callAgainN', { n: dead.length })}
            </Button>
          )}
          <Button size="small" type="text" onClick={() => setSelected(new Set())}>
            {t('common.clearSelection')}
          </Button>
        </div>
      )}
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('nav.contacts')}
          columns={columns}
          rows={pages.rows}
          rowKey={(c) => c.id}
          rowHeight={48}
          {...pages.table}
          onOpen={(c) => void go(`/contacts/${c.id}`)}
          selection={edits ? { selected, onChange: setSelected } : undefined}
          rowTone={(c) => (c.archived ? 'muted' : undefined)}
          empty={
            dirty ? (
              <Empty title={t('common.nothingFound')} why={t('common.nothingFoundWhy')} action={<Button onClick={clear}>{t('common.clearFilters')}</Button>} />
            ) : (
              <Empty
                title={t('contacts.empty')}
                why={t(edits ? 'contacts.emptyWhy' : 'contacts.emptyWhyReading')}
                action={
                  edits && (
                    <Button type="primary" onClick={() => void go('/contacts/import')}>
                      {t('contacts.import')}
                    </Button>
                  )
                }
              />
            )
          }
        />
      )}
      {grouping && (
        <AddToGroup
          ids={picked.map((c) => c.id)}
          onClose={() => setGrouping(false)}
          onDone={() => {
            setGrouping(false);
            setSelected(new Set());
          }}
        />
      )}
      {adding && <ContactDrawer contact={null} onClose={() => setAdding(false)} />}
    </Page>
  );
}

export const regionOf = (c: Pick<Contact, 'province' | 'city'>): string =>
  [c.province, c.city === c.province ? null : c.city].filter(Boolean).join(' ') || DASH;
