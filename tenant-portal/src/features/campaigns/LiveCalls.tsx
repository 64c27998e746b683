/// Calls in progress, each with the sentence being spoken. Stands still while the pointer rests on it.
import { Button } from 'antd';
import type { TFunction } from 'i18next';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { serverNow } from '@/api/clock';
import type { Campaign } from '@/api/types';
import { LiveTag } from '@/shared/domain/tags';
import { duration, spoken } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { useLiveCalls, type Watched } from './live';

const SHOWN = 60;

export function LiveCalls({ campaign, state }: { campaign: string; state: Campaign['state'] }) {
  const { t } = useTranslation();
  const [held, setHeld] = useState(false);
  const { calls, error } = useLiveCalls(campaign, held);
  const now = useNow();
  return (
    <Panel title={t('live.title')} extra={held && calls.length > 0 ? t('live.held') : countText(t, calls)} flush className="bb-live-panel">
      {Boolean(error) && <Trouble error={error} />}
      <ul className="bb-live" onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} tabIndex={0} aria-label={t('live.title')}>
        {calls.length === 0 && (
          <li className="bb-live-none">
            <Nobody campaign={campaign} state={state} />
          </li>
        )}
        {calls.slice(0, SHOWN).map((call) => (
          <LiveRow key={call.call_id} call={call} at={now} />
        ))}
        {calls.length > SHOWN && <li className="bb-muted">{t('live.more', { n: calls.length - SHOWN })}</li>}
      </ul>
    </Panel>
  );
}

/** Nobody is on the line: what comes next, or where the calls are once all is over. */
function Nobody({ campaign, state }: { campaign: string; state: Campaign['state'] }) {
  const { t } = useTranslation();
  if (state !== 'completed' && state !== 'stopped') return <Empty title={t('live.none')} why={t(state === 'running' ? 'live.noneRunning' : 'live.noneIdle')} />;
  return (
    <Empty
      title={t('live.over')}
      why={t('live.overWhy')}
      action={
        <Link to={`/calls?campaign_id=${campaign}`}>
          <Button tabIndex={-1}>{t('campaigns.seeCalls')}</Button>
        </Link>
      }
    />
  );
}

/** How many are on the line, and how many of them do not speak yet: the counter beside them counts all alike. */
function countText(t: TFunction, calls: Watched[]): string {
  const ringing = calls.filter((c) => c.state !== 'in_call').length;
  return ringing > 0 ? t('live.countRinging', { n: calls.length, ringing }) : t('live.count', { n: calls.length });
}

function LiveRow({ call, at }: { call: Watched; at: number }) {
  const { t } = useTranslation();
  const turn = call.last_turn;
  const now = call.saying ?? call.hearing;
  const who = call.saying ? 'bot' : call.hearing ? 'customer' : turn?.who;
  return (
    <li>
      <div className="bb-live-head">
        <Link to={`/contacts/${call.contact_id}`}>{call.contact_name || t('common.unnamed')}</Link>
        <span className="bb-num">{call.number}</span>
        <LiveTag state={call.state} />
        <span className="bb-num bb-muted">{duration(at - new Date(call.since).getTime())}</span>
      </div>
      {who && (
        <p className={`bb-live-said is-${who}`}>
          <b>{t(`who.${who}`)}</b>
          <span className={now ? 'is-partial' : undefined}>{spoken(now ?? '') || spoken(turn?.text ?? '') || t('call.unheard')}</span>
        </p>
      )}
    </li>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
