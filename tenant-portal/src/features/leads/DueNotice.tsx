/// An appointment that came due: pop-up, sound and a count on the tab, on every page, once per appointment.
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { serverNow } from '@/api/clock';
import type { Lead } from '@/api/types';
import { LabelTag } from '@/shared/domain/tags';
import { time } from '@/shared/format/format';
import { notify } from '@/shared/notify';
import { play } from '@/shared/sound';
import { useTabCount } from '@/shared/tab';
import { useMyLeads } from './api';
import { isDue, ordered } from './queue';
import './leads.css';

const LOOK_MS = 10_000;
const appointment = (lead: Lead): string => `${lead.id} ${lead.next_at ?? ''}`;

export function DueNotice() {
  const leads = useMyLeads();
  const [now, setNow] = useState(() => serverNow());
  const [seen, setSeen] = useState<readonly string[]>([]);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const due = ordered((leads.data ?? []).filter((l) => isDue(l, now)), now);
  useTabCount('due', due.length);
  const fresh = due.filter((l) => !seen.includes(appointment(l)));
  const first = fresh[0];
  if (!first) return null;
  return <Due key={appointment(first)} lead={first} more={fresh.length - 1} onSeen={(all) => setSeen([...seen, ...(all ? fresh : [first]).map(appointment)])} />;
}

function Due({ lead, more, onSeen }: { lead: Lead; more: number; onSeen: (all: boolean) => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const title = t('leads.dueNow');
  const who = lead.contact.name || t('common.unnamed');
  useEffect(() => {
    play('lead');
    return notify(title, who, () => void go(`/leads?id=${lead.id}`));
  }, [title, who, go, lead.id]);
  return (
    <aside className="bb-offer bb-due" role="alertdialog" aria-label={title}>
      <header>
        <b>{title}</b>
        <span>{time(lead.next_at).slice(0, 16)}</span>
      </header>
      <div className="bb-offer-who">
        <b>{who}</b> <LabelTag label={lead.label} />
      </div>
      <footer>
        <span className="bb-muted">{more > 0 && t('leads.moreDue', { n: more })}</span>
        <span className="bb-due-acts">
          <Button onClick={() => onSeen(true)}>{t('leads.dueLater')}</Button>
          <Button
            type="primary"
            onClick={() => {
              onSeen(false);
              void go(`/leads?id=${lead.id}`);
            }}
          >
            {t('leads.dueOpen')}
          </Button>
        </span>
      </footer>
    </aside>
  );
}
