/// The lists on a contact's card.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Call, ContactCard, FollowUp, LabelChange } from '@/api/types';
import { CallLabelTag, CampaignTag, DispositionTag, LabelTag, LeadTag, RehearsalTag } from '@/shared/domain/tags';
import { duration, time } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';

const MOST_HIGH = 420;

export function CallList({ calls }: { calls: Call[] }) {
  const { t } = useTranslation();
  return (
    <DataTable
      label={t('contacts.calls')}
      most={MOST_HIGH}
      rows={calls}
      rowKey={(c) => c.id}
      empty={<Empty title={t('contacts.noCalls')} why={t('contacts.noCallsWhy')} />}
      columns={[
        { key: 'at', title: t('calls.dialedAt'), width: '170px', render: (c) => <Link to={`/calls/${c.id}`}>{time(c.dialed_at)}</Link> },
        { key: 'campaign', title: t('calls.campaign'), width: 'minmax(140px, 1fr)', wraps: true, render: (c) => <>{c.campaign?.name} <RehearsalTag of={c} /></> },
        { key: 'result', title: t('calls.disposition'), width: '100px', render: (c) => <DispositionTag value={c.disposition} /> },
        { key: 'talk', title: t('calls.talk'), width: '80px', align: 'right', render: (c) => duration(c.talk_ms) },
        { key: 'label', title: t('calls.label'), width: '100px', render: (c) => <CallLabelTag call={c} /> },
      ]}
    />
  );
}

export function FollowUpList({ rows }: { rows: FollowUp[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('contacts.noFollowUps')} why={t('contacts.noFollowUpsWhy')} />;
  return (
    <ul className="bb-timeline">
      {rows.map((f) => (
        <li key={f.id}>
          <div>
            <LeadTag status={f.status} /> <b>{f.result}</b>
          </div>
          {f.note && <p>{f.note}</p>}
          <small>
            {time(f.created_at)} {f.by?.name}
            {f.next_at && ` · ${t('leads.nextAt')} ${time(f.next_at)}`}
          </small>
        </li>
      ))}
    </ul>
  );
}

export function LabelHistory({ rows }: { rows: LabelChange[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <Empty title={t('contacts.noLabels')} why={t('contacts.noLabelsWhy')} />;
  return (
    <ul className="bb-timeline">
      {rows.map((l) => (
        <li key={`${l.call_id}${l.at}`}>
          <LabelTag label={l.label} /> <Link to={`/calls/${l.call_id}`}>{t('contacts.seeCall')}</Link>
          <br />
          <small>{time(l.at)}</small>
        </li>
      ))}
    </ul>
  );
}

export function CampaignList({ rows }: { rows: NonNullable<ContactCard['campaigns']> }) {
  const { t } = useTranslation();
  const edits = useDoes('campaigns');
  if (rows.length === 0) return <Empty title={t('contacts.noCampaigns')} why={t(edits ? 'contacts.noCampaignsWhy' : 'contacts.noCampaignsWhyReading')} />;
  return (
    <ul className="bb-timeline">
      {rows.map((c) => (
        <li key={c.id}>
          <Link to={`/campaigns/${c.id}`}>{c.name}</Link> <CampaignTag state={c.state} />
        </li>
      ))}
    </ul>
  );
}
