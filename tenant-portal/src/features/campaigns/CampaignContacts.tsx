/// The campaign's contacts by state: who waits, who was reached, and which gate blocks whom.
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useEvents } from '@/api/events';
import type { CampaignContact } from '@/api/types';
import { DispositionTag, LabelTag, word } from '@/shared/domain/tags';
import { DASH, time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useRefresh } from '@/shared/hooks/refresh';
import { useUrlState } from '@/shared/hooks/url-state';
import { DataTable } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { CAMPAIGNS } from './api';

const STATES = ['', 'pending', 'in_call', 'retry_wait', 'done', 'blocked', 'cancelled', 'unknown'] as const;

export function CampaignContacts({ id }: { id: string }) {
  const { t } = useTranslation();
  const [{ contacts: state }, setFilter] = useUrlState(['contacts'] as const);
  const key = [...CAMPAIGNS, 'contacts', id];
  const pages = usePages<CampaignContact>(key, `/v1/campaigns/${id}/contacts`, { state });
  const refresh = useRefresh(key);
  useEvents(['campaign.changed'], (events) => events.some((e) => e.data.campaign_id === id) && refresh());
  return (
    <Panel
      title={t('campaigns.contacts')}
      extra={<Segmented size="small" value={state} onChange={(v) => setFilter({ contacts: String(v) })} options={STATES.map((s) => ({ value: s, label: s ? t(`contactState.${s}`) : t('common.all') }))} />}
      flush
    >
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable
          label={t('campaigns.contacts')}
          height={420}
          rows={pages.rows}
          rowKey={(r) => r.contact.id}
          {...pages.table}
          empty={<Empty title={t('common.nothingFound')} why={t('campaigns.noContactsWhy')} />}
          columns={[
            { key: 'name', title: t('contacts.name'), width: 'minmax(120px, 1fr)', render: (r) => <Link to={`/contacts/${r.contact.id}`}>{r.contact.name || t('common.unnamed')}</Link> },
            { key: 'number', title: t('contacts.number'), width: '130px', render: (r) => r.contact.number },
            { key: 'state', title: t('common.state'), width: '132px', render: (r) => word('contactState', r.state) },
            { key: 'gate', title: t('campaigns.gate'), width: 'minmax(130px, 1fr)', wraps: true, render: (r) => (r.gate ? word('gate', r.gate) : DASH) },
            { key: 'n', title: t('campaigns.attempts'), width: '80px', align: 'right', render: (r) => r.attempts },
            { key: 'result', title: t('calls.disposition'), width: '110px', render: (r) => <DispositionTag value={r.disposition} /> },
            { key: 'label', title: t('contacts.label'), width: '100px', render: (r) => <LabelTag label={r.label} /> },
            { key: 'next', title: t('campaigns.nextAt'), width: '170px', render: (r) => time(r.next_at) },
          ]}
        />
      )}
    </Panel>
  );
}
