/// The live monitor of one campaign.
import { Button, Skeleton, Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Campaign } from '@/api/types';
import { useGroups, useLabels, useScripts, useTrunks } from '@/shared/domain/lookups';
import { CampaignTag } from '@/shared/domain/tags';
import { count, shareOf, time } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { Defined } from '@/shared/ui/Defined';
import { NotHere } from '@/shared/ui/NotHere';
import { Facts, Figures, Page, Panel } from '@/shared/ui/Page';
import { useCampaign } from './api';
import { CampaignActions } from './CampaignActions';
import { CampaignContacts } from './CampaignContacts';
import { EventLog } from './EventLog';
import { LiveCalls } from './LiveCalls';
import { ProgressBar, ProgressLegend } from './ProgressBar';
import { windowText } from '@/shared/format/window';

export function CampaignPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const campaign = useCampaign(id);
  const back = { to: '/campaigns', text: t('nav.campaigns') };
  if (campaign.error && !campaign.data)
    return (
      <Page title={t('campaigns.one')} back={back}>
        <NotHere error={campaign.error} back={back} onRetry={() => void campaign.refetch()} />
      </Page>
    );
  if (!campaign.data)
    return (
      <Page title={t('campaigns.one')} back={back}>
        <Panel>
          <Skeleton active />
        </Panel>
      </Page>
    );
  return <Monitor campaign={campaign.data} />;
}

function Monitor({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const edits = useDoes('campaigns');
  const c = campaign.counters;
  return (
    <Page
      back={{ to: '/campaigns', text: t('nav.campaigns') }}
      title={
        <>
          {campaign.name} <CampaignTag state={campaign.state} />
        </>
      }
      tab={campaign.name}
      note={campaign.remark || undefined}
      actions={edits && <CampaignActions campaign={campaign} />}
    >
      <Figures
        items={[
          { label: t('counters.total'), value: count(c.total) },
          { label: t('counters.called'), value: count(c.called), note: shareOf(c.called, c.total) },
          { label: t('counters.connected'), value: count(c.connected), note: c.called > 0 && <Defined is={t('campaigns.reachedMeans')}>{shareOf(c.connected, c.called)}</Defined>, tone: 'success' },
          { label: t('counters.not_connected'), value: count(c.not_connected), note: shareOf(c.not_connected, c.called) },
          { label: t('counters.in_call'), value: count(c.in_call), tone: 'primary' },
          { label: t('counters.waiting'), value: count(c.waiting) },
          { label: t('counters.blocked'), value: count(c.blocked) },
          { label: t('counters.cancelled'), value: count(c.cancelled) },
          { label: t('counters.unknown'), value: count(c.unknown), tone: c.unknown > 0 ? 'danger' : undefined },
        ]}
      />
      <Panel>
        <ProgressBar counters={c} tall />
        <ProgressLegend />
        <p className="bb-sum">
          {t('counters.sum', { total: count(c.total), called: count(c.called), waiting: count(c.waiting), in_call: count(c.in_call), blocked: count(c.blocked), cancelled: count(c.cancelled), unknown: count(c.unknown) })}
        </p>
      </Panel>
      <div className="bb-columns bb-monitor">
        <LiveCalls campaign={campaign.id} state={campaign.state} />
        <div className="bb-columns bb-monitor-side">
          <LabelCounts campaign={campaign} />
          <Panel className="bb-tabs-panel">
            <Tabs
              items={[
                { key: 'log', label: t('campaigns.log'), children: <EventLog id={campaign.id} /> },
                { key: 'facts', label: t('campaigns.settings'), children: <Settings campaign={campaign} /> },
              ]}
            />
          </Panel>
        </div>
      </div>
      <CampaignContacts id={campaign.id} />
    </Page>
  );
}

function LabelCounts({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const counts = campaign.counters.labels ?? {};
  // Each label has its place from the beginning: what is counted live moves no row.
  const rows = (labels.data ?? []).map((l) => ({ ...l, n: counts[l.key] ?? 0 }));
  // As in the report: of those who have a label.
  const labelled = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return (
    <Panel
      title={t('campaigns.labels')}
      extra={
        <Link to={`/calls?campaign_id=${campaign.id}`}>
          <Button size="small" type="link" tabIndex={-1}>
            {t('campaigns.seeCalls')}
          </Button>
        </Link>
      }
    >
      <div className="bb-label-room">
        {labelled === 0 ? (
          <p className="bb-muted">{t('campaigns.noLabels')}</p>
        ) : (
          <ul className="bb-label-bars">
            {rows.map((r) => (
              <li key={r.key} className={r.n === 0 ? 'is-none' : undefined} title={r.name}>
                {r.n > 0 ? <Link to={`/calls?campaign_id=${campaign.id}&label=${r.key}`}>{r.name}</Link> : <b className="bb-muted">{r.name}</b>}
                <i aria-hidden="true">
                  <span style={{ width: `${(r.n / labelled) * 100}%` }} />
                </i>
                <span>
                  {count(r.n)} <small>{shareOf(r.n, labelled)}</small>
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

function Settings({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const nameIn = (rows: { id: string; name: string }[] | undefined, id: string | null | undefined) => rows?.find((r) => r.id === id)?.name ?? id ?? '—';
  const [groups, scripts, trunks] = [useGroups(), useScripts(), useTrunks()];
  const by = typeof campaign.created_by === 'string' ? campaign.created_by : campaign.created_by?.name;
  return (
    <Facts
      columns={2}
      items={[
        { term: t('campaigns.group'), value: campaign.group?.name ?? nameIn(groups.data, campaign.group_id) },
        { term: t('campaigns.script'), value: campaign.script?.name ?? nameIn(scripts.data, campaign.script_id) },
        { term: t('campaigns.trunk'), value: campaign.trunk?.name ?? nameIn(trunks.data, campaign.trunk_id) },
        { term: t('campaigns.maxCalls'), value: count(campaign.max_calls) },
        { term: t('campaigns.retry'), value: t('campaigns.retryText', { n: campaign.retry.attempts, minutes: Math.round(campaign.retry.interval_s / 60) }) },
        { term: t('campaigns.startedAt'), value: time(campaign.started_at) },
        { term: t('campaigns.windows'), value: campaign.windows.map((w) => windowText(t, w)).join(t('common.then')), wide: true },
        ...(by ? [{ term: t('campaigns.createdBy'), value: by }] : []),
      ]}
    />
  );
}
