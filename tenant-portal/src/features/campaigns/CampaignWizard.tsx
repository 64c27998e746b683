/// A new campaign in three steps: 选名单 → 话术与线路 → 策略与检查. The last step saves, checks and starts.
import { Button, Skeleton, Steps } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { Campaign } from '@/api/types';
import { useGroups, useScriptsInUse, useTrunks } from '@/shared/domain/lookups';
import { draftOf, dropDraft, keepDraft } from '@/shared/drafts';
import { useDoes } from '@/shared/session';
import { useNotice } from '@/shared/ui/notice';
import { NotHere } from '@/shared/ui/NotHere';
import { Page, Panel } from '@/shared/ui/Page';
import { ReadOnly } from '@/shared/ui/ReadOnly';
import { Trouble } from '@/shared/ui/Trouble';
import { CAMPAIGNS, saveCampaign, useCampaign, useVerb, type CampaignDraft } from './api';
import { CampaignCheck } from './CampaignCheck';
import { ChooseGroup, ChooseScriptAndTrunk } from './Choose';
import { hoursAreFine, PolicyForm } from './PolicyForm';
import { useSayStarted } from './say-started';
import './campaigns.css';

const WORKDAYS = [1, 2, 3, 4, 5];
const EMPTY: CampaignDraft = {
  name: '',
  remark: '',
  group_id: '',
  script_id: '',
  trunk_id: '',
  windows: [
    { weekdays: WORKDAYS, from: '09:00', to: '12:00' },
    { weekdays: WORKDAYS, from: '14:00', to: '20:00' },
  ],
  max_calls: 10,
  retry: { attempts: 2, interval_s: 1800 },
};

export function CampaignWizard() {
  const [params] = useSearchParams();
  const edits = useDoes('campaigns');
  const edit = params.get('edit');
  if (!edits) return <ReadOnly />;
  return edit ? <Editing id={edit} /> : <Wizard id={null} initial={{ ...EMPTY, group_id: params.get('group_id') ?? '' }} />;
}

function Editing({ id }: { id: string }) {
  const { t } = useTranslation();
  const campaign = useCampaign(id);
  const back = { to: '/campaigns', text: t('nav.campaigns') };
  if (campaign.error && !campaign.data)
    return (
      <Page title={t('campaigns.edit')} back={back}>
        <NotHere error={campaign.error} back={back} onRetry={() => void campaign.refetch()} />
      </Page>
    );
  if (!campaign.data)
    return (
      <Page title={t('campaigns.edit')} back={back}>
        <Skeleton active />
      </Page>
    );
  const { name, remark, group_id, script_id, trunk_id, windows, max_calls, retry } = campaign.data;
  return <Wizard id={id} initial={{ name, remark, group_id: group_id ?? '', script_id: script_id ?? '', trunk_id: trunk_id ?? '', windows, max_calls, retry }} />;
}

type Kept = { step: number; draft: CampaignDraft };

/** What was half filled in before; a group that the person comes with now is the one that counts. */
function keptFor(key: string, initial: CampaignDraft): Kept | undefined {
  const kept = draftOf<Kept>(key);
  if (!kept || !initial.group_id || kept.draft.group_id === initial.group_id) return kept;
  return key === 'campaign-new' ? { step: Math.max(kept.step, 1), draft: { ...kept.draft, group_id: initial.group_id } } : kept;
}

function Wizard({ id, initial: given }: { id: string | null; initial: CampaignDraft }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const verb = useVerb();
  const [initial] = useState(given);
  const key = id ? `campaign:${id}` : 'campaign-new';
  const [kept] = useState(() => keptFor(key, initial));
  const [step, setStep] = useState(kept?.step ?? (initial.group_id && !id ? 1 : 0));
  const [draft, setDraft] = useState(kept?.draft ?? initial);
  const [saved, setSaved] = useState<{ id: string; stamp: number; draft: CampaignDraft } | null>(null);
  const [groups, scripts, trunks] = [useGroups(), useScriptsInUse(), useTrunks()];
  const change = (part: Partial<CampaignDraft>) => setDraft((d) => ({ ...d, ...part }));
  const save = useMutation({
    mutationFn: (d: CampaignDraft) => saveCampaign(saved?.id ?? id, d),
    onSuccess: (campaign: Campaign, d) => {
      setSaved({ id: campaign.id, stamp: (saved?.stamp ?? 0) + 1, draft: d });
      dropDraft(key);
      void client.invalidateQueries({ queryKey: CAMPAIGNS });
    },
  });
  const upToDate = saved !== null && saved.draft === draft;
  // Once saved it is found in the list of campaigns, and what was changed since by editing it.
  const keepAs = saved ? `campaign:${saved.id}` : key;
  const unsaved = draft !== (saved?.draft ?? initial);
  useEffect(() => {
    if (unsaved) keepDraft(keepAs, { step, draft } satisfies Kept);
    else if (saved) dropDraft(keepAs);
  }, [saved, keepAs, unsaved, step, draft]);
  const startOver = () => {
    dropDraft(key);
    setDraft(initial);
    setStep(0);
  };
  const group = groups.data?.find((g) => g.id === draft.group_id);
  const script = scripts.data?.find((s) => s.id === draft.script_id);
  const trunk = trunks.data?.find((k) => k.id === draft.trunk_id);
  const suggested = group && script ? `${group.name} · ${script.name}`.slice(0, 60) : '';
  const missing = [
    draft.group_id ? null : t('campaigns.needGroup'),
    draft.script_id && draft.trunk_id ? null : t('campaigns.needScriptTrunk'),
    !draft.name.trim() ? t('campaigns.needName') : hoursAreFine(draft.windows, trunk?.kind === 'rehearsal') ? null : t('campaigns.needWindow'),
  ];
  const next = () => {
    if (step === 1 && !draft.name) change({ name: suggested });
    setStep(step + 1);
  };
  const sayStarted = useSayStarted();
  const start = () =>
    saved &&
    verb.mutate(
      { id: saved.id, verb: 'start' },
      {
        onError: notice.failed,
        onSuccess: () => {
          sayStarted(saved.id, t('campaigns.started', { name: draft.name }));
          void go(`/campaigns/${saved.id}`, { replace: true });
        },
      },
    );
  return (
    <Page title={id ? t('campaigns.edit') : t('campaigns.create')} back={{ to: '/campaigns', text: t('nav.campaigns') }}>
      <Steps className="bb-steps" size="small" current={step} items={[{ title: t('campaigns.step1') }, { title: t('campaigns.step2') }, { title: t('campaigns.step3') }]} />
      {save.error && <Trouble error={save.error} />}
      {kept && draft !== initial && saved === null && (
        <p className="bb-muted bb-kept">
          {t('campaigns.keptDraft')}{' '}
          <Button size="small" type="link" onClick={startOver}>
            {t('campaigns.startOver')}
          </Button>
        </p>
      )}
      {step === 0 && <ChooseGroup groups={groups} value={draft.group_id} onChange={(group_id) => change({ group_id })} />}
      {step === 1 && <ChooseScriptAndTrunk scripts={scripts} trunks={trunks} draft={draft} onChange={change} />}
      {step === 2 && (
        <div className="bb-columns" style={{ gridTemplateColumns: 'minmax(0, 1.3fr) minmax(320px, 1fr)' }}>
          <Panel title={t('campaigns.policy')}>
            <PolicyForm draft={draft} onChange={change} limit={trunk?.max_calls} rehearsal={trunk?.kind === 'rehearsal'} />
          </Panel>
          <CampaignCheck id={upToDate ? saved.id : null} stamp={saved?.stamp ?? 0} trunk={trunk} />
        </div>
      )}
      <div className="bb-wizard-foot">
        {missing[step] && <span className="bb-muted">{missing[step]}</span>}
        {step > 0 && <Button onClick={() => setStep(step - 1)}>{t('common.previous')}</Button>}
        {step < 2 && (
          <Button type="primary" disabled={Boolean(missing[step])} onClick={next}>
            {t('common.next')}
          </Button>
        )}
        {step === 2 && (
          <>
            {upToDate && <Button onClick={() => void go(`/campaigns/${saved.id}`)}>{t('campaigns.later')}</Button>}
            {upToDate ? (
              <Button type="primary" loading={verb.isPending} onClick={start}>
                {t('campaigns.startNow')}
              </Button>
            ) : (
              <Button type="primary" disabled={missing.some(Boolean)} loading={save.isPending} onClick={() => save.mutate(draft)}>
                {t('campaigns.saveAndCheck')}
              </Button>
            )}
          </>
        )}
      </div>
    </Page>
  );
}
