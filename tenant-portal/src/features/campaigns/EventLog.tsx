/// What happened to the campaign, when, and by whom or why.
import { useTranslation } from 'react-i18next';
import { time } from '@/shared/format/format';
import i18next from 'i18next';
import { Empty } from '@/shared/ui/Empty';
import { Trouble } from '@/shared/ui/Trouble';
import { useLog } from './api';

export function EventLog({ id }: { id: string }) {
  const { t } = useTranslation();
  const log = useLog(id);
  if (log.error && !log.data) return <Trouble error={log.error} onRetry={() => void log.refetch()} />;
  if (log.data?.length === 0) return <Empty title={t('campaigns.noLog')} why={t('campaigns.noLogWhy')} />;
  return (
    <ul className="bb-timeline bb-log" tabIndex={0} aria-label={t('campaigns.log')}>
      {[...(log.data ?? [])].sort((a, b) => b.at.localeCompare(a.at)).map((e, i) => (
        <li key={`${e.at}${i}`}>
          {i18next.exists(`campaignEvent.${e.event}`) ? t(`campaignEvent.${e.event}`, e.params) : e.event}
          <br />
          <small>
            {time(e.at)} {typeof e.user === 'string' ? e.user : (e.user?.name ?? t('campaigns.bySystem'))}
          </small>
        </li>
      ))}
    </ul>
  );
}
