/// Start, pause, resume, stop, restart, copy. Start can be taken back for 30 s while nothing was dialled; stop is typed.
import { Button, Radio } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Campaign } from '@/api/types';
import { MenuButton } from '@/shared/ui/MenuButton';
import { useNotice } from '@/shared/ui/notice';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { useVerb, VERBS, type Verb } from './api';
import { closeStartUndo, keepStartUndo, UNDO_S } from './start-undo';

type InProgress = 'finish' | 'hang_up';

export function CampaignActions({ campaign, compact = false }: { campaign: Campaign; compact?: boolean }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const verb = useVerb();
  const [stopping, setStopping] = useState(false);
  const [calls, setCalls] = useState<InProgress>('finish');
  const dialled = campaign.counters.attempts > 0 || campaign.counters.in_call > 0;
  useEffect(() => {
    if (dialled) closeStartUndo(campaign.id);
  }, [dialled, campaign.id]);

  const run = (name: Verb, body?: unknown) =>
    verb.mutate(
      { id: campaign.id, verb: name, body },
      {
        onError: notice.failed,
        onSuccess: (result) => {
          if (name === 'start') {
            keepStartUndo(campaign.id, notice.undoable(t('campaigns.started', { name: campaign.name }), () => void verb.mutateAsync({ id: campaign.id, verb: 'pause' }).catch(notice.failed), UNDO_S));
            return;
          }
          notice.done(t(`campaigns.did.${name}`));
          if (name === 'copy' && result?.id) void go(`/campaigns/new?edit=${result.id}`);
        },
      },
    );
  const press = (name: Verb) => (name === 'stop' ? setStopping(true) : run(name));
  const [first, ...rest] = VERBS[campaign.state] ?? [];
  const editable = campaign.state === 'draft' || campaign.state === 'ready';
  const extra = [
    ...rest.map((v) => ({ key: v, label: t(`campaigns.verb.${v}`), danger: v === 'stop', onClick: () => press(v) })),
    ...(editable ? [{ key: 'edit', label: t('common.edit'), onClick: () => void go(`/campaigns/new?edit=${campaign.id}`) }] : []),
  ];
  return (
    <span className="bb-row-actions" style={{ gap: 8 }}>
      {first && (
        <Button size={compact ? 'small' : 'middle'} type={compact ? 'default' : 'primary'} loading={verb.isPending} onClick={() => press(first)}>
          {t(`campaigns.verb.${first}`)}
        </Button>
      )}
      {compact ? (
        <MenuButton actions={extra}>
          <Button size="small" type="text">
            {t('common.more')}
          </Button>
        </MenuButton>
      ) : (
        extra.map((e) => (
          <Button key={e.key} danger={'danger' in e && e.danger} onClick={e.onClick}>
            {e.label}
          </Button>
        ))
      )}
      <TypedConfirm
        open={stopping}
        title={t('campaigns.stopTitle')}
        word={campaign.name}
        action={t('campaigns.verb.stop')}
        busy={verb.isPending}
        consequence={
          <>
            {t('campaigns.stopConsequence', { n: campaign.counters.waiting })}
            <Radio.Group
              style={{ display: 'flex', flexDirection: 'column', gap: 4, marginTop: 12 }}
              value={calls}
              onChange={(e) => setCalls(e.target.value as InProgress)}
              options={[
                { value: 'finish', label: t('campaigns.finishCalls') },
                { value: 'hang_up', label: t('campaigns.hangUpCalls') },
              ]}
            />
          </>
        }
        onCancel={() => setStopping(false)}
        onConfirm={() => {
          setStopping(false);
          run('stop', { calls_in_progress: calls });
        }}
      />
    </span>
  );
}
