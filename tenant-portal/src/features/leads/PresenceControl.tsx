/// State and timer of the agent's presence, in the header on every page.
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '@/api/clock';
import type { PresenceState } from '@/api/types';
import { duration } from '@/shared/format/format';
import { allowNotifications } from '@/shared/notify';
import { unlockSound } from '@/shared/sound';
import { MenuButton } from '@/shared/ui/MenuButton';
import { useNotice } from '@/shared/ui/notice';
import { StatusTag, type Tone } from '@/shared/ui/StatusTag';
import { usePresence, useSetPresence } from './presence';

const TONE: Record<PresenceState, Tone> = { online: 'success', busy: 'warning', rest: 'warning', offline: 'neutral' };

export function PresenceControl() {
  const { t } = useTranslation();
  const notice = useNotice();
  const { state, since, loading } = usePresence();
  const set = useSetPresence();
  const choose = (next: PresenceState) => set.mutate(next, { onError: notice.failed });
  const goOnline = async () => {
    allowNotifications();
    await unlockSound();
    choose('online');
  };
  if (loading) return <div className="bb-presence-place" />;
  if (state === 'offline')
    return (
      <div className="bb-presence-place">
        <Button type="primary" loading={set.isPending} onClick={() => void goOnline()}>
          {t('presence.goOnline')}
        </Button>
      </div>
    );
  return (
    <div className="bb-presence-place">
      <MenuButton actions={(['online', 'busy', 'rest', 'offline'] as const).filter((s) => s !== state).map((s) => ({ key: s, label: t(`presence.${s}`), onClick: () => choose(s) }))}>
        <button type="button" className="bb-presence" aria-label={t('presence.change')}>
          <StatusTag tone={TONE[state]} dot>
            {t(`presence.${state}`)} <Since at={since} />
          </StatusTag>
        </button>
      </MenuButton>
    </div>
  );
}

function Since({ at }: { at: string | null }) {
  const [now, setNow] = useState(() => serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return at ? <>{duration(now - new Date(at).getTime())}</> : null;
}
