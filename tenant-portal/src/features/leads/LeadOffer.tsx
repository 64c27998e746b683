/// A hot lead offered to this agent: pop-up and sound on every page, F2 accepts, gone when the offer ends.
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { serverNow } from '@/api/clock';
import type { Lead } from '@/api/types';
import { LabelTag, RehearsalTag } from '@/shared/domain/tags';
import { spoken } from '@/shared/format/format';
import { notify } from '@/shared/notify';
import { play } from '@/shared/sound';
import { useTabCount } from '@/shared/tab';
import { useNotice } from '@/shared/ui/notice';
import { acceptLead, useLeadChange, useMyLeads } from './api';
import { Clip } from './Clip';
import { ordered } from './queue';
import './leads.css';

const RING_MS = 5_000;

/** An offer stands until the server takes it back; the seconds are only told. */
export function LeadOffer() {
  const leads = useMyLeads();
  const offers = ordered((leads.data ?? []).filter((l) => l.status === 'offered'), serverNow());
  useTabCount('offers', offers.length);
  const first = offers[0];
  return first ? <Offer key={first.id} lead={first} more={offers.length - 1} onOver={() => void leads.refetch()} /> : null;
}

const left = (lead: Lead): number | null => (lead.offered_until ? Math.max(0, Math.ceil((new Date(lead.offered_until).getTime() - serverNow()) / 1000)) : null);

function Offer({ lead, more, onOver }: { lead: Lead; more: number; onOver: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const accept = useLeadChange(acceptLead);
  // The pop-up is gone before the answer is dealt with, and with it what `mutate` would call back.
  const take = () => void accept.mutateAsync(lead.id).then(() => go(`/leads?id=${lead.id}`), notice.failed);
  const [seconds, setSeconds] = useState(() => left(lead));
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left(lead)), 500);
    return () => clearInterval(timer);
  }, [lead]);
  const over = seconds === 0;
  useEffect(() => {
    if (over) return;
    play('lead');
    const ring = setInterval(() => play('lead'), RING_MS);
    return () => clearInterval(ring);
  }, [over]);
  const seen = useRef(() => undefined as void);
  useEffect(() => {
    seen.current = () => void go('/leads');
  });
  const [who] = useState(() => `${lead.contact.name || t('common.unnamed')} ${lead.label.name}`);
  const title = t('leads.offer');
  useEffect(() => notify(title, who, () => seen.current()), [title, who]);
  const latest = useRef(onOver);
  useEffect(() => {
    latest.current = onOver;
  });
  useEffect(() => {
    if (over) latest.current();
  }, [over]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== 'F2') return;
      e.preventDefault();
      if (!accept.isPending) take();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <aside className="bb-offer" role="alertdialog" aria-label={t('leads.offer')}>
      <header>
        <b>{t('leads.offer')}</b>
        {seconds !== null && <span>{t('leads.left', { n: seconds })}</span>}
      </header>
      <div className="bb-offer-who">
        <b>{lead.contact.name || t('common.unnamed')}</b> <LabelTag label={lead.label} /> <RehearsalTag of={lead} />
      </div>
      {lead.label.quote && <blockquote>“{spoken(lead.label.quote)}”</blockquote>}
      {lead.label.rule && (
        <p className="bb-offer-why">
          {t('call.because')}
          {lead.label.rule}
        </p>
      )}
      <footer>
        <Clip call_id={lead.call_id} quote={lead.label.quote} />
        <span className="bb-muted">{more > 0 && t('leads.moreOffers', { n: more })}</span>
        <Button type="primary" loading={accept.isPending} onClick={take}>
          {t('leads.accept')} <kbd>F2</kbd>
        </Button>
      </footer>
    </aside>
  );
}
