/// A hot lead offered to this agent: pop-up and sound on every page, F2 accepts, gone when the offer ends.
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Lead } from '@/api/types';
import { LabelTag } from '@/shared/domain/tags';
import { spoken } from '@/shared/format/format';
import { play } from '@/shared/sound';
import { useNotice } from '@/shared/ui/notice';
import { acceptLead, useLeadChange, useMyLeads } from './api';
import { ordered } from './queue';
import './leads.css';

const RING_MS = 5_000;

export function LeadOffer() {
  const leads = useMyLeads();
  const [now, setNow] = useState(() => Date.now());
  const offers = ordered((leads.data ?? []).filter((l) => l.status === 'offered' && left(l, now) > 0));
  const waiting = offers.length > 0;
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [waiting]);
  const first = offers[0];
  return first ? <Offer key={first.id} lead={first} secondsLeft={left(first, now)} more={offers.length - 1} /> : null;
}

const left = (lead: Lead, now: number): number => (lead.offered_until ? Math.ceil((new Date(lead.offered_until).getTime() - now) / 1000) : 1);

function Offer({ lead, secondsLeft, more }: { lead: Lead; secondsLeft: number; more: number }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const accept = useLeadChange(acceptLead);
  const take = () => accept.mutate(lead.id, { onError: notice.failed, onSuccess: () => void go(`/leads?id=${lead.id}`) });
  useEffect(() => {
    play('lead');
    const ring = setInterval(() => play('lead'), RING_MS);
    return () => clearInterval(ring);
  }, []);
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
        {lead.offered_until && <span>{t('leads.left', { n: Math.max(0, secondsLeft) })}</span>}
      </header>
      <div className="bb-offer-who">
        <b>{lead.contact.name || t('common.unnamed')}</b> <LabelTag label={lead.label} />
      </div>
      {lead.label.quote && <blockquote>“{spoken(lead.label.quote)}”</blockquote>}
      <footer>
        <span className="bb-muted">{more > 0 && t('leads.moreOffers', { n: more })}</span>
        <Button type="primary" loading={accept.isPending} onClick={take}>
          {t('leads.accept')} <kbd>F2</kbd>
        </Button>
      </footer>
    </aside>
  );
}
