/// Steps 1 and 2: whom to call, with what words, over which trunk.
import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Group, Script, Trunk } from '@/api/types';
import { TrunkTag } from '@/shared/domain/tags';
import { count, time } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import type { CampaignDraft } from './api';

export function ChooseGroup({ groups, value, onChange }: { groups: UseQueryResult<Group[]>; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  if (groups.error && !groups.data) return <Trouble error={groups.error} onRetry={() => void groups.refetch()} />;
  return (
    <Panel title={t('campaigns.chooseGroup')}>
      {groups.data?.length === 0 ? (
        <Empty
          title={t('groups.empty')}
          why={t('campaigns.noGroupsWhy')}
          action={
            <Button type="primary" onClick={() => void go('/contacts/import')}>
              {t('contacts.import')}
            </Button>
          }
        />
      ) : (
        <div className="bb-choice">
          {groups.data?.map((g) => (
            <button key={g.id} type="button" aria-pressed={g.id === value} onClick={() => onChange(g.id)}>
              <b>{g.name}</b>
              <small>{t('campaigns.groupSize', { n: count(g.contacts) })}</small>
              {g.remark && <small>{g.remark}</small>}
            </button>
          ))}
        </div>
      )}
    </Panel>
  );
}

type Both = { scripts: UseQueryResult<Script[]>; trunks: UseQueryResult<Trunk[]>; draft: CampaignDraft; onChange: (part: Partial<CampaignDraft>) => void };

export function ChooseScriptAndTrunk({ scripts, trunks, draft, onChange }: Both) {
  const { t } = useTranslation();
  const error = (scripts.data ? null : scripts.error) ?? (trunks.data ? null : trunks.error);
  const again = () => void Promise.all([scripts.refetch(), trunks.refetch()]);
  if (error) return <Trouble error={error} onRetry={again} />;
  return (
    <>
      <Panel title={t('campaigns.chooseScript')}>
        {scripts.data?.length === 0 && <Empty title={t('scripts.empty')} why={t('campaigns.noScriptsWhy')} />}
        <div className="bb-choice">
          {scripts.data
            ?.filter((s) => !s.archived)
            .map((s) => (
              <button key={s.id} type="button" aria-pressed={s.id === draft.script_id} disabled={!s.published} onClick={() => onChange({ script_id: s.id })}>
                <b>{s.name}</b>
                <small>{s.published ? t('campaigns.scriptVersion', { n: s.published.number, at: time(s.published.at) }) : t('campaigns.scriptUnpublished')}</small>
              </button>
            ))}
        </div>
      </Panel>
      <Panel title={t('campaigns.chooseTrunk')}>
        {trunks.data?.length === 0 && <Empty title={t('trunks.empty')} why={t('campaigns.noTrunksWhy')} />}
        <div className="bb-choice">
          {trunks.data?.map((k) => (
            <button key={k.id} type="button" aria-pressed={k.id === draft.trunk_id} onClick={() => onChange({ trunk_id: k.id })}>
              <b>{k.name}</b>
              <small>
                <TrunkTag state={k.state} /> {t(`trunkKind.${k.kind}`)} · {t('campaigns.trunkUse', { n: k.calls, max: k.max_calls })}
              </small>
              {k.kind === 'rehearsal' && <small>{t('campaigns.rehearsalNote')}</small>}
            </button>
          ))}
        </div>
      </Panel>
    </>
  );
}
