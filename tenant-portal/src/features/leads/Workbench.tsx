/// The agent's screen: queue, the call and why it is hot, the customer and what to write down.
import { Button, Segmented, Skeleton } from 'antd';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { serverNow } from '@/api/clock';
import type { Lead } from '@/api/types';
import { useCall } from '@/shared/call/call-api';
import { CallAudio } from '@/shared/call/CallAudio';
import { CallSlots, slotsOf } from '@/shared/call/CallSlots';
import { LabelCard } from '@/shared/call/LabelCard';
import { LabelTag, LeadTag, RehearsalTag } from '@/shared/domain/tags';
import { clock, duration, spoken, time } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { useTabTitle } from '@/shared/tab';
import { useNotice } from '@/shared/ui/notice';
import { NotHere } from '@/shared/ui/NotHere';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { acceptLead, SHOWN, useClosedLeads, useLeadChange, useMyLeads } from './api';
import { CustomerPanel, type CardSaver } from './CustomerPanel';
import { FollowUpHistory } from './FollowUpHistory';
import { useOpenLead } from './open-lead';
import { standHere } from './place';
import { usePresence } from './presence';
import { GoOnline } from './PresenceControl';
import { isDue, nextAfter, ordered, tabOf, type Tab } from './queue';
import './leads.css';

const FollowUpForm = lazy(async () => ({ default: (await import('./FollowUpForm')).FollowUpForm }));
const NONE: Lead[] = [];
/** The values stand where the transcript gives way to them. */
const SLOTS_A_ROW = 3;
const SLOT_ROW = 54;
const TABS: Tab[] = ['todo', 'following', 'closed'];

export function Workbench() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const leads = useMyLeads();
  const presence = usePresence();
  useTabTitle(t('nav.leads'));
  const all = leads.data ?? NONE;
  const id = params.get('id');
  const open = (next: Lead | undefined) => setParams(next ? { id: next.id } : {}, { replace: true });
  const { lead, other } = useOpenLead(leads.data, id, () => open(undefined));
  return (
    <div className={lead || id ? 'bb-bench' : 'bb-bench is-alone'}>
      <h1 className="sr-only">{t('nav.leads')}</h1>
      <Queue leads={all} loading={leads.isPending} error={leads.error} onRetry={() => void leads.refetch()} active={id} onOpen={open} />
      <div className="bb-bench-middle">
        {lead ? (
          <CallColumn key={lead.id} lead={lead} />
        ) : id && other.error ? (
          <NotHere error={other.error} back={{ to: '/leads', text: t('nav.leads') }} onRetry={() => void other.refetch()} />
        ) : leads.isPending || presence.loading || (id && other.isLoading) ? (
          <Panel>
            <Skeleton active />
          </Panel>
        ) : (
          <Nothing offline={presence.state === 'offline'} any={nextAfter(all, '', serverNow()) !== undefined} onNext={() => open(nextAfter(all, '', serverNow()))} />
        )}
      </div>
      {(lead || id) && <div className="bb-bench-right">
        {lead && lead.status !== 'offered' && <ToWrite key={lead.id} lead={lead} onSaved={() => open(nextAfter(all, lead.id, serverNow()))} />}
        {lead?.status === 'offered' && <AcceptFirst lead={lead} />}
      </div>}
    </div>
  );
}

type QueueProps = { leads: Lead[]; loading: boolean; error: unknown; onRetry: () => void; active: string | null; onOpen: (lead: Lead) => void };

function Queue({ leads, loading, error, onRetry, active, onOpen }: QueueProps) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>('todo');
  const [now, setNow] = useState(() => serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const { state } = usePresence();
  const [most, setMost] = useState(SHOWN);
  const closed = useClosedLeads(tab === 'closed');
  const waits = tab === 'closed' ? closed.loading && closed.rows.length === 0 : loading;
  const trouble = tab === 'closed' ? closed.error : leads.length === 0 ? error : null;
  const rows = useMemo(() => ordered(tab === 'closed' ? closed.rows : leads.filter((l) => tabOf(l, now) === tab), now), [closed.rows, leads, tab, now]);
  const titleOf = (k: Tab) => (k === 'closed' ? t('leads.tab.closed') : `${t(`leads.tab.${k}`)} ${leads.filter((l) => tabOf(l, now) === k).length}`);
  const choose = (next: Tab) => {
    setTab(next);
    setMost(SHOWN);
  };
  const more = () => {
    setMost(most + SHOWN);
    if (tab === 'closed' && closed.hasMore && rows.length <= most + SHOWN) closed.more();
  };
  return (
    <section className="bb-queue" aria-label={t('leads.queue')}>
      <header>
        <Segmented block value={tab} onChange={choose} options={TABS.map((k) => ({ value: k, label: titleOf(k) }))} />
      </header>
      {Boolean(trouble) && <Trouble error={trouble} onRetry={tab === 'closed' ? closed.refetch : onRetry} />}
      {waits && <Skeleton active style={{ padding: 16 }} />}
      {!waits && !trouble && rows.length === 0 && (
        <Empty title={t(`leads.none.${tab}`)} why={tab !== 'todo' ? t(`leads.noneWhy.${tab}`) : state !== 'offline' ? t('leads.waitWhy') : active && t('leads.goOnlineWhy')} />
      )}
      {!waits && (
        <ul>
          {rows.slice(0, most).map((l) => (
            <li key={l.id}>
              <button type="button" aria-pressed={l.id === active} onClick={() => onOpen(l)}>
                <span>
                  <b>{l.contact.name || t('common.unnamed')}</b>
                  <LabelTag label={l.label} />
                  {l.status === 'offered' && <LeadTag status="offered" />}
                  {tab === 'closed' && <LeadTag status={l.status} />}
                </span>
                {l.label.quote && <span className="bb-queue-quote">{spoken(l.label.quote)}</span>}
                <small className={isDue(l, now) ? 'is-due' : undefined}>
                  {l.status === 'following' && l.next_at ? `${isDue(l, now) ? t('leads.due') : t('leads.nextAt')} ${time(l.next_at).slice(0, 16)}` : `${l.contact.number} · ${clock(l.created_at)}`}
                </small>
              </button>
            </li>
          ))}
          {(rows.length > most || (tab === 'closed' && closed.hasMore)) && (
            <li className="bb-queue-more">
              <Button size="small" loading={tab === 'closed' && closed.loading} onClick={more}>
                {t('leads.showMore')}
              </Button>
            </li>
          )}
        </ul>
      )}
      <div ref={standHere} className="bb-queue-offers" />
    </section>
  );
}

function CallColumn({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const call = useCall(lead.call_id);
  const slots = slotsOf(call.data?.slots);
  return (
    <>
      <Panel
        title={
          <>
            {lead.contact.name || t('common.unnamed')} <LeadTag status={lead.status} /> <RehearsalTag of={lead} />
          </>
        }
        extra={call.data && `${time(call.data.answered_at ?? call.data.dialed_at)} · ${duration(call.data.talk_ms)}`}
      >
        <LabelCard label={lead.label} />
      </Panel>
      <Panel title={t('call.recordingAndTranscript')}>
        <div className="bb-bench-call">
          {slots.length > 0 && (
            <div className="bb-bench-slots">
              <CallSlots slots={slots} columns={SLOTS_A_ROW} />
            </div>
          )}
          {call.data ? <CallAudio call={call.data} mayListen height={Math.max(200, 360 - SLOT_ROW * Math.ceil(slots.length / SLOTS_A_ROW))} /> : call.error ? <Trouble error={call.error} onRetry={() => void call.refetch()} /> : <Skeleton active />}
        </div>
      </Panel>
      {lead.status !== 'offered' && (
        <Panel title={t('contacts.followUps')}>
          <FollowUpHistory id={lead.id} />
        </Panel>
      )}
    </>
  );
}

/** The customer's card and the follow-up: the one button below saves both. */
export function ToWrite({ lead, onSaved }: { lead: Lead; onSaved: () => void }) {
  const { t } = useTranslation();
  const card = useRef<CardSaver>(null);
  return (
    <>
      <CustomerPanel lead={lead} saver={card} />
      <Suspense fallback={<Panel title={t('leads.followUp')}><Skeleton active /></Panel>}>
        <FollowUpForm lead={lead} saveFirst={async () => card.current?.save()} onSaved={onSaved} />
      </Suspense>
    </>
  );
}

function AcceptFirst({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const accept = useLeadChange(acceptLead);
  return (
    <Panel>
      <Empty
        title={t('leads.acceptFirst')}
        why={t('leads.acceptFirstWhy')}
        action={
          <Button type="primary" loading={accept.isPending} onClick={() => accept.mutate(lead.id, { onError: notice.failed })}>
            {t('leads.accept')}
          </Button>
        }
      />
    </Panel>
  );
}

function Nothing({ offline, any, onNext }: { offline: boolean; any: boolean; onNext: () => void }) {
  const { t } = useTranslation();
  return (
    <Panel>
      <Empty
        title={any ? t('leads.choose') : offline ? t('leads.offline') : t('leads.nothing')}
        why={any ? undefined : offline ? t('leads.offlineWhy') : t('leads.nothingWhy')}
        action={
          any ? (
            <Button type="primary" onClick={onNext}>
              {t('leads.openNext')}
            </Button>
          ) : (
            offline && <GoOnline />
          )
        }
      />
    </Panel>
  );
}
