/// Which agents are there, for those who lead them: figures in a line, names behind it.
import { Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { serverNow } from '@/api/clock';
import type { Presence, PresenceState } from '@/api/types';
import { duration } from '@/shared/format/format';
import { useGranted } from '@/shared/session';
import { StatusTag } from '@/shared/ui/StatusTag';
import { useAgents } from './presence';
import { PRESENCE_TONE } from './PresenceControl';

const STATES: PresenceState[] = ['online', 'busy', 'rest', 'offline'];

export function AgentsThere() {
  const { t } = useTranslation();
  const agents = useAgents(useGranted().includes('presence.read'));
  const items = agents.data?.items ?? [];
  const text = STATES.map((s) => `${t(`presence.${s}`)} ${items.filter((p) => p.state === s).length}`).join(' · ');
  return (
    <Popover trigger="click" placement="bottomRight" content={<Names items={items} />}>
      <button type="button" className="bb-agents" style={agents.data ? undefined : { visibility: 'hidden' }}>
        {t('presence.agents')} <b>{text}</b>
      </button>
    </Popover>
  );
}

function Names({ items }: { items: Presence[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return <span className="bb-muted">{t('presence.noAgents')}</span>;
  const now = serverNow();
  return (
    <ul className="bb-agents-list">
      {[...items]
        .sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
        .map((p) => (
          <li key={p.user.id}>
            <span>{p.user.name}</span>
            <StatusTag tone={PRESENCE_TONE[p.state]} dot>
              {t(`presence.${p.state}`)} {p.state !== 'offline' && p.since && duration(now - new Date(p.since).getTime())}
            </StatusTag>
          </li>
        ))}
    </ul>
  );
}
