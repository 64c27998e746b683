/// Nobody leaves with unsaved words: they are saved on the way out, and where that fails the person is asked.
import { Button, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useBlocker } from 'react-router';
import { useFlow } from './editor';

export function LeaveGuard() {
  const { t } = useTranslation();
  const { unsaved, flush, giveUp } = useFlow();
  const blocker = useBlocker(({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && unsaved());
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    let here = true;
    void flush().then((done) => {
      if (!here) return;
      if (done) blocker.proceed();
      else setAsking(true);
    });
    return () => {
      here = false;
    };
  }, [blocker, flush]);
  const stay = () => {
    setAsking(false);
    blocker.reset?.();
  };
  const go = () => {
    setAsking(false);
    giveUp();
    blocker.proceed?.();
  };
  return (
    <Modal
      open={asking}
      title={t('script.leave.title')}
      onCancel={stay}
      width={440}
      footer={
        <>
          <Button danger onClick={go}>
            {t('script.leave.go')}
          </Button>
          <Button type="primary" onClick={stay}>
            {t('script.leave.stay')}
          </Button>
        </>
      }
    >
      {t('script.leave.note')}
    </Modal>
  );
}
