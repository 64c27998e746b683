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
import { keepRestWhy, REST_REASONS, restWhy, type RestReason } from './choice';
import { useMyId, usePresence, useSetPresence } from './presence';

export const PRESENCE_TONE: Record<PresenceState, Tone> = { online: 'success', busy: 'warning', rest: 'warning', offline: 'neutral' };

export function PresenceControl() {
  const { t } = useTranslation();
  const notice = useNotice();
  const { state, since, loading } = usePresence();
  const set = useSetPresence();
  const me = useMyId();
  const why = state === 'rest' ? restWhy(me) : null;
  const rest = (reason: RestReason) => {
    keepRestWhy(me, reason);
    choose('rest');
  };
  const choose = (next: PresenceState) => set.mutate(next, { onError: notice.failed });
  const plain = (s: PresenceState) => (s === state ? [] : [{ key: s, label: t(`presence.${s}`), onClick: () => choose(s) }]);
  const actions = [
    ...plain('online'),
    ...plain('busy'),
    ...REST_REASONS.filter((r) => r !== why).map((r) => ({ key: r, label: t('presence.restFor', { why: t(`presence.rests.${r}`) }), onClick: () => rest(r) })),
    ...plain('offline'),
  ];
  if (loading) return <div className="bb-presence-place" />;
  if (state === 'offline')
    return (
      <div className="bb-presence-place">
        <GoOnline />
      </div>
    );
  return (
    <div className="bb-presence-place">
      <MenuButton actions={actions}>
        <button type="button" className="bb-presence" aria-label={t('presence.change')}>
          <StatusTag tone={PRESENCE_TONE[state]} dot>
            {why ? t('presence.restFor', { why: t(`presence.rests.${why}`) }) : t(`presence.${state}`)} <Since at={since} />
          </StatusTag>
        </button>
      </MenuButton>
    </div>
  );
}

/** One gesture: online, with sound and notifications allowed. */
export function GoOnline() {
  const { t } = useTranslation();
  const notice = useNotice();
  const set = useSetPresence();
  const goOnline = async () => {
    allowNotifications();
    await unlockSound();
    set.mutate('online', { onError: notice.failed });
  };
  return (
    <Button type="primary" loading={set.isPending} onClick={() => void goOnline()}>
      {t('presence.goOnline')}
    </Button>
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
