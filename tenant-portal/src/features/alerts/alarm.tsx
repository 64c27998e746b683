/// What an alert does by itself: one bar at the foot of the page for the gravest that stands, a mark in the tab's title
/// and a sound. The page gives way to the bar, which covers nothing.
import { Button } from 'antd';
import CloseOutlined from '@ant-design/icons/CloseOutlined';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Alert } from '@/api/types';
import { time } from '@/shared/format/format';
import { play } from '@/shared/sound';
import { useTabCount } from '@/shared/tab';
import { StatusTag } from '@/shared/ui/StatusTag';
import { alertText, alertTone } from './alert-text';

const REPEAT_MS = 30_000;
const NONE: ReadonlySet<string> = new Set();

/** Urgent before warnings, then the newest. */
export const gravest = (alarms: Alert[]): Alert | undefined =>
  [...alarms].sort((a, b) => Number(b.level === 'urgent') - Number(a.level === 'urgent') || b.raised_at.localeCompare(a.raised_at))[0];

/** The bar, and for those who may acknowledge also a sound: at once for a new warning or urgent one, and every 30 s while any waits. */
export function useAlarm(waiting: Alert[], pageOf: (alert: Alert) => string | null, acknowledge: ((id: string) => Promise<unknown>) | undefined): ReactNode {
  const alarms = waiting.filter((a) => a.level !== 'info');
  useTabCount('alarms', alarms.length);
  const bar = useBar(alarms, waiting.length, pageOf, acknowledge);
  const ids = alarms.map((a) => a.id).join(' ');
  const rings = acknowledge !== undefined;
  const rung = useRef(new Set<string>());

  // At once for what has not been heard before; one acknowledged of two is no news.
  useEffect(() => {
    if (!rings) return;
    const fresh = ids.split(' ').filter((id) => id !== '' && !rung.current.has(id));
    fresh.forEach((id) => rung.current.add(id));
    if (fresh.length > 0) play('alert');
  }, [rings, ids]);
  const alarmed = rings && ids !== '';
  useEffect(() => {
    if (!alarmed) return;
    const timer = setInterval(() => play('alert'), REPEAT_MS);
    return () => clearInterval(timer);
  }, [alarmed]);
  return bar;
}

/** One at a time. Closed without an answer, none comes up again before there is a new one. */
function useBar(alarms: Alert[], all: number, pageOf: (alert: Alert) => string | null, acknowledge: ((id: string) => Promise<unknown>) | undefined): ReactNode {
  const { t } = useTranslation();
  const [away, setAway] = useState(NONE);
  const shown = gravest(alarms.filter((a) => !away.has(a.id)));
  if (!shown) return null;
  const putAway = (ids: string[]) => setAway((was) => new Set([...was, ...ids]));
  const settle = (id: string) => {
    putAway([id]);
    // It still stands then, and comes up again.
    void acknowledge?.(id).catch(() => setAway((was) => new Set([...was].filter((other) => other !== id))));
  };
  const [text, page] = [alertText(t, shown), pageOf(shown)];
  return (
    <div className={`bb-alarm is-${shown.level}`}>
      <StatusTag tone={alertTone(shown.level)}>{t(`alerts.level.${shown.level}`)}</StatusTag>
      <p role="alert" title={text}>
        {page ? <Link to={page}>{text}</Link> : text}
      </p>
      <small>{time(shown.raised_at)}</small>
      <span className="bb-alarm-acts">
        {all > 1 && <Link to="/alerts">{t('alerts.others', { n: all - 1 })}</Link>}
        {acknowledge && (
          <Button size="small" type="primary" onClick={() => settle(shown.id)}>
            {t('alerts.acknowledge')}
          </Button>
        )}
        <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('common.close')} onClick={() => putAway(alarms.map((a) => a.id))} />
      </span>
    </div>
  );
}
