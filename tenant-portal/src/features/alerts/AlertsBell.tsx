/// The bell: how many alerts stand, a pop-up for a new one, and, for those who can end it, a sound every 30 s until someone
/// acknowledges.
import { App, Button, Popover } from 'antd';
import BellOutlined from '@ant-design/icons/BellOutlined';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Alert } from '@/api/types';
import { time } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { play } from '@/shared/sound';
import { useTabCount } from '@/shared/tab';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { StatusTag } from '@/shared/ui/StatusTag';
import { useAcknowledge, useOpenAlerts } from './api';
import { alertText, alertTone } from './alert-text';
import { useAlertPage } from './alert-page';

const REPEAT_MS = 30_000;

export function AlertsBell() {
  const { t } = useTranslation();
  const mayAcknowledge = useDoes('alerts');
  const pageOf = useAlertPage();
  const go = useNavigate();
  const open = useOpenAlerts();
  const [shown, setShown] = useState(false);
  const goTo = (to: string) => {
    setShown(false);
    void go(to);
  };
  const acknowledge = useAcknowledge();
  const waiting = (open.data?.items ?? []).filter((a) => !a.acknowledged_at && !a.closed_at);
  const notice = useNotice();
  const settle = (id: string) => acknowledge.mutateAsync(id).catch((error: unknown) => {
    notice.failed(error);
    throw error;
  });
  useAlarm(waiting, pageOf, mayAcknowledge ? settle : undefined);

  const list = (
    <ul className="bb-alert-list">
      {waiting.length === 0 && (
        <li className="bb-alert-none">
          <Empty title={t('alerts.none')} why={t('alerts.noneWhy')} />
        </li>
      )}
      {waiting.map((a) => (
        <li key={a.id}>
          <StatusTag tone={alertTone(a.level)}>{t(`alerts.level.${a.level}`)}</StatusTag>
          <div>
            <AlertText alert={a} to={pageOf(a)} go={goTo} />
          </div>
          {mayAcknowledge && (
            <Button size="small" onClick={() => void settle(a.id).catch(() => undefined)}>
              {t('alerts.acknowledge')}
            </Button>
          )}
        </li>
      ))}
      <li style={{ border: 0, justifyContent: 'center' }}>
        <Link to="/alerts" onClick={() => setShown(false)}>{t('alerts.all')}</Link>
      </li>
    </ul>
  );
  return (
    <Popover trigger="click" open={shown} onOpenChange={setShown} placement="bottomRight" content={list} title={t('nav.alerts')}>
      <button type="button" className="bb-icon-button" aria-label={t('alerts.bell', { count: waiting.length })}>
        <BellOutlined />
        {waiting.length > 0 && <span className="bb-count">{waiting.length > 99 ? '99+' : waiting.length}</span>}
      </button>
    </Popover>
  );
}

/** What happened, where to look, and when. A pop-up stands outside the pages' router: it is led by `go`. */
function AlertText({ alert, to, go }: { alert: Alert; to: string | null; go: (to: string) => void }) {
  const { t } = useTranslation();
  const text = alertText(t, alert);
  return (
    <>
      {to ? (
        <button type="button" className="bb-link bb-alert-link" onClick={() => go(to)}>
          {text}
        </button>
      ) : (
        text
      )}
      <br />
      <small className="bb-muted">{time(alert.raised_at)}</small>
    </>
  );
}

/**
 * Pop-up once per alert; a mark in the tab's title. For those who may acknowledge also a sound: at once for a new warning
 * or urgent one, and every 30 s while any waits.
 */
function useAlarm(waiting: Alert[], pageOf: (alert: Alert) => string | null, acknowledge: ((id: string) => Promise<unknown>) | undefined): void {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const go = useNavigate();
  const shown = useRef(new Set<string>());
  useTabCount('alarms', waiting.filter((a) => a.level !== 'info').length);
  const ids = waiting.filter((a) => a.level !== 'info').map((a) => a.id).join(' ');
  const rings = acknowledge !== undefined;
  const rung = useRef(new Set<string>());

  useEffect(() => {
    for (const a of waiting) {
      if (shown.current.has(a.id) || a.level === 'info') continue;
      shown.current.add(a.id);
      notification[a.level === 'urgent' ? 'error' : 'warning']({
        key: `alert-${a.id}`,
        title: t(`alerts.level.${a.level}`),
        description: <AlertText alert={a} to={pageOf(a)} go={(to) => void go(to)} />,
        duration: 0,
        placement: 'bottomLeft',
        actions: acknowledge && (
          <Button
            size="small"
            type="primary"
            onClick={() => {
              notification.destroy(`alert-${a.id}`);
              // It still stands then, and may pop up again.
              void acknowledge(a.id).catch(() => shown.current.delete(a.id));
            }}
          >
            {t('alerts.acknowledge')}
          </Button>
        ),
      });
    }
    for (const id of shown.current) if (!waiting.some((a) => a.id === id)) notification.destroy(`alert-${id}`);
  }, [waiting, notification, t, acknowledge, go, pageOf]);

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
