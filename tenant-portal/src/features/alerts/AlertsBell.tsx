/// The bell: how many alerts stand, a bar for the gravest of them, and, for those who can end it, a sound every 30 s until someone
/// acknowledges.
import { Button, Popover } from 'antd';
import BellOutlined from '@ant-design/icons/BellOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useDoes } from '@/shared/session';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { StatusTag } from '@/shared/ui/StatusTag';
import { useAcknowledge, useOpenAlerts } from './api';
import { alertTone } from './alert-text';
import { AlertText } from './AlertText';
import { useAlertPage } from './alert-page';
import { useAlarm } from './alarm';

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
  const bar = useAlarm(waiting, pageOf, mayAcknowledge ? settle : undefined);

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
    <>
      <Popover trigger="click" open={shown} onOpenChange={setShown} placement="bottomRight" content={list} title={t('nav.alerts')}>
        <button type="button" className="bb-icon-button" aria-label={t('alerts.bell', { count: waiting.length })}>
          <BellOutlined />
          {waiting.length > 0 && <span className="bb-count">{waiting.length > 99 ? '99+' : waiting.length}</span>}
        </button>
      </Popover>
      {bar}
    </>
  );
}
