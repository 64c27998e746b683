/// What happened to the campaign, when, by whom, and what of it: which edge and why, how many contacts.
import { Button } from 'antd';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { count, time } from '@/shared/format/format';
import type { CampaignLogEntry } from '@/api/types';
import { Empty } from '@/shared/ui/Empty';
import { Trouble } from '@/shared/ui/Trouble';
import { useLog } from './api';

export function EventLog({ id }: { id: string }) {
  const { t } = useTranslation();
  const log = useLog(id);
  if (log.error) return <Trouble error={log.error} onRetry={log.refetch} />;
  if (log.rows.length === 0 && !log.table.loading) return <Empty title={t('campaigns.noLog')} why={t('campaigns.noLogWhy')} />;
  return (
    <div className="bb-log" tabIndex={0} role="region" aria-label={t('campaigns.log')}>
      <ul className="bb-timeline">
        {log.rows.map((e, i) => (
          <li key={`${e.at}${i}`}>
            {i18next.exists(`campaignEvent.${e.event}`) ? t(`campaignEvent.${e.event}`) : e.event}
            <Details entry={e} />
            <br />
            <small>
              {time(e.at)} {typeof e.user === 'string' ? e.user : (e.user?.name ?? t('campaigns.bySystem'))}
            </small>
          </li>
        ))}
      </ul>
      {log.hasMore && (
        <Button size="small" type="link" loading={log.table.loading} onClick={log.table.onMore}>
          {t('campaigns.moreLog')}
        </Button>
      )}
    </div>
  );
}

/** The sentence for what an event carries, where it carries all of it. */
function Details({ entry: { event, params = {} } }: { entry: CampaignLogEntry }) {
  const { t } = useTranslation();
  const said = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, typeof value === 'number' ? count(value) : value]));
  if (Object.keys(said).length === 0 || !i18next.exists(`campaignEventDetail.${event}`)) return null;
  return (
    <>
      <br />
      <span className="bb-muted">{t(`campaignEventDetail.${event}`, said)}</span>
    </>
  );
}
