/// One contact's card: who, every call, how the label changed, follow-ups, and the campaigns it is in.
import { Button, Skeleton, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { ContactCard } from '@/api/types';
import { CallStatusTag, LabelTag } from '@/shared/domain/tags';
import { DASH, time, zoneName } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { useNotice } from '@/shared/ui/notice';
import { NotHere } from '@/shared/ui/NotHere';
import { Facts, Page, Panel } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { archiveContact, callAgain, deleteContact, unarchiveContact, useContact, useContactChange } from './api';
import { ContactDrawer } from './ContactDrawer';
import { CallList, CampaignList, FollowUpList, LabelHistory } from './CardLists';
import { regionOf } from './ContactsPage';

export function ContactPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const card = useContact(id);
  const back = { to: '/contacts', text: t('nav.contacts') };
  if (card.error && !card.data)
    return (
      <Page title={t('contacts.card')} back={back}>
        <NotHere error={card.error} back={back} onRetry={() => void card.refetch()} />
      </Page>
    );
  if (!card.data)
    return (
      <Page title={t('contacts.card')} back={back}>
        <Panel>
          <Skeleton active />
        </Panel>
      </Page>
    );
  return <Card contact={card.data} />;
}

function Card({ contact }: { contact: ContactCard }) {
  const { t, i18n } = useTranslation();
  const edits = useDoes('contacts');
  const { calls = [], follow_ups = [], labels = [], campaigns = [] } = contact;
  const tags = (
    <>
      <CallStatusTag status={contact.call_status} />
      {contact.label && <LabelTag label={contact.label} />}
      {contact.blacklisted && <StatusTag tone="danger">{t('contacts.blacklisted')}</StatusTag>}
      {contact.dead && <StatusTag tone="danger">{t('contacts.dead')}</StatusTag>}
      {contact.archived && <StatusTag>{t('contacts.archived')}</StatusTag>}
    </>
  );
  return (
    <Page
      back={{ to: '/contacts', text: t('nav.contacts') }}
      title={
        <>
          {contact.name || t('common.unnamed')} {tags}
        </>
      }
      tab={contact.name || t('common.unnamed')}
      actions={edits && <CardActions contact={contact} />}
    >
      <div className="bb-columns" style={{ gridTemplateColumns: 'minmax(280px, 340px) minmax(0, 1fr)' }}>
        <Panel title={t('contacts.facts')}>
          <Facts
            columns={2}
            items={[
              { term: t('contacts.number'), value: <span className="bb-num">{contact.number}</span> },
              { term: t('contacts.numberType'), value: t(`numberType.${contact.number_type}`, { defaultValue: contact.number_type }) },
              { term: t('contacts.region'), value: regionOf(contact) },
              { term: t('contacts.carrier'), value: contact.carrier || DASH },
              { term: t('contacts.zone'), value: contact.zone ? zoneName(contact.zone, i18n.language) : DASH },
              { term: t('contacts.lastCall'), value: time(contact.last_call_at) },
              { term: t('contacts.groups'), value: contact.groups.map((g) => g.name).join(t('common.and')) || DASH, wide: true },
              { term: t('common.remark'), value: contact.remark || DASH, wide: true },
              ...Object.entries(contact.fields).map(([term, value]) => ({ term, value: value || DASH })),
              { term: t('common.createdAt'), value: time(contact.created_at), wide: true },
            ]}
          />
        </Panel>
        <Panel className="bb-tabs-panel">
          <Tabs
            items={[
              { key: 'calls', label: `${t('contacts.calls')} ${calls.length}`, children: <CallList calls={calls} /> },
              { key: 'follow', label: `${t('contacts.followUps')} ${follow_ups.length}`, children: <FollowUpList rows={follow_ups} /> },
              { key: 'labels', label: `${t('contacts.labelHistory')} ${labels.length}`, children: <LabelHistory rows={labels} /> },
              { key: 'campaigns', label: `${t('contacts.campaigns')} ${campaigns.length}`, children: <CampaignList rows={campaigns} /> },
            ]}
          />
        </Panel>
      </div>
    </Page>
  );
}

function CardActions({ contact }: { contact: ContactCard }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const archive = useContactChange(archiveContact);
  const restore = useContactChange(unarchiveContact);
  const remove = useContactChange(deleteContact);
  const revive = useContactChange(callAgain);
  const toggleArchive = () =>
    contact.archived
      ? restore.mutate(contact.id, { onError: notice.failed, onSuccess: () => notice.done(t('contacts.restored')) })
      : archive.mutate(contact.id, {
          onError: notice.failed,
          onSuccess: () => notice.undoable(t('contacts.archivedOne'), () => void restore.mutateAsync(contact.id).catch(notice.failed)),
        });
  return (
    <>
      <Button onClick={() => setOpen('edit')}>{t('common.edit')}</Button>
      {contact.dead && (
        <Button loading={revive.isPending} onClick={() => revive.mutate(contact.id, { onError: notice.failed, onSuccess: () => notice.done(t('contacts.callable')) })}>
          {t('contacts.callAgain')}
        </Button>
      )}
      <Button onClick={toggleArchive}>{contact.archived ? t('contacts.restore') : t('contacts.archive')}</Button>
      <Button danger onClick={() => setOpen('delete')}>
        {t('common.delete')}
      </Button>
      {open === 'edit' && <ContactDrawer contact={contact} onClose={() => setOpen(null)} />}
      <TypedConfirm
        open={open === 'delete'}
        title={t('contacts.deleteTitle')}
        consequence={contact.name.trim() ? t('contacts.deleteConsequence') : t('contacts.deleteUnnamed', { number: contact.number })}
        word={contact.name.trim() || contact.number.slice(-4)}
        action={t('common.delete')}
        busy={remove.isPending}
        onCancel={() => setOpen(null)}
        onConfirm={() => remove.mutate(contact.id, { onError: notice.failed, onSuccess: () => void go('/contacts', { replace: true }) })}
      />
    </>
  );
}
