import { useTranslation } from 'react-i18next';
import { LeadTag } from '@/shared/domain/tags';
import { time } from '@/shared/format/format';
import { Trouble } from '@/shared/ui/Trouble';
import { useFollowUps } from './api';

/** Earlier follow-ups of a lead, newest first. */
export function FollowUpHistory({ id }: { id: string }) {
  const { t } = useTranslation();
  const rows = useFollowUps(id);
  if (rows.error && !rows.data) return <Trouble error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.data?.length === 0) return <p className="bb-muted">{t('leads.noFollowUps')}</p>;
  return (
    <ul className="bb-timeline">
      {[...(rows.data ?? [])]
        .sort((a, b) => b.created_at.localeCompare(a.created_at))
        .map((f) => (
          <li key={f.id}>
            <LeadTag status={f.status} /> <b>{f.result}</b>
            {f.note && <p>{f.note}</p>}
            <small>
              {time(f.created_at)}
              {f.next_at && ` · ${t('leads.nextAt')} ${time(f.next_at).slice(0, 16)}`}
            </small>
          </li>
        ))}
    </ul>
  );
}
