/// What an alert does by itself: one pop-up for the gravest that stands, a mark in the tab's title and a sound.
import { App, Button } from 'antd';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Alert } from '@/api/types';
import { play } from '@/shared/sound';
import { useTabCount } from '@/shared/tab';
import { AlertText } from './AlertText';

const REPEAT_MS = 30_000;
const KEY = 'alarm';
const NONE: ReadonlySet<string> = new Set();

/** Urgent before warnings, then the newest. */
export const gravest = (alarms: Alert[]): Alert | undefined =>
  [...alarms].sort((a, b) => Number(b.level === 'urgent') - Number(a.level === 'urgent') || b.raised_at.localeCompare(a.raised_at))[0];

/** For those who may acknowledge also a sound: at once for a new warning or urgent one, and every 30 s while any waits. */
export function useAlarm(waiting: Alert[], pageOf: (alert: Alert) => string | null, acknowledge: ((id: string) => Promise<unknown>) | undefined): void {
  const alarms = waiting.filter((a) => a.level !== 'info');
  useTabCount('alarms', alarms.length);
  usePopUp(alarms, waiting.length, pageOf, acknowledge);
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
}

/** One at a time. Closed without an answer, none pops up again before there is a new one. */
function usePopUp(alarms: Alert[], all: number, pageOf: (alert: Alert) => string | null, acknowledge: ((id: string) => Promise<unknown>) | undefined): void {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const go = useNavigate();
  const [away, setAway] = useState(NONE);
  const shown = gravest(alarms.filter((a) => !away.has(a.id)));
  const putAway = (ids: string[]) => setAway((was) => new Set([...was, ...ids]));
  const settle = (id: string) => {
    putAway([id]);
    // It still stands then, and pops up again.
    void acknowledge?.(id).catch(() => setAway((was) => new Set([...was].filter((other) => other !== id))));
  };
  const others = all - 1;
  const popUp = useEffectEvent(() => {
    if (!shown) return;
    notification[shown.level === 'urgent' ? 'error' : 'warning']({
      key: KEY,
      className: 'bb-alarm',
      style: { width: 300, padding: '12px 16px' },
      styles: { title: { fontSize: 14, lineHeight: '22px' }, icon: { fontSize: 18 }, actions: { marginTop: 8 } },
      title: t(`alerts.level.${shown.level}`),
      description: <AlertText alert={shown} to={pageOf(shown)} go={(to) => void go(to)} />,
      duration: 0,
      placement: 'bottomLeft',
      onClose: () => putAway(alarms.map((a) => a.id)),
      actions: (acknowledge || others > 0) && (
        <div className="bb-alarm-acts">
          {others > 0 && (
            <button type="button" className="bb-link" onClick={() => void go('/alerts')}>
              {t('alerts.others', { n: others })}
            </button>
          )}
          {acknowledge && (
            <Button size="small" type="primary" onClick={() => settle(shown.id)}>
              {t('alerts.acknowledge')}
            </Button>
          )}
        </div>
      ),
    });
  });
  const id = shown?.id;
  useEffect(() => {
    if (id) popUp();
    else notification.destroy(KEY);
  }, [id, others, t, notification]);
}
