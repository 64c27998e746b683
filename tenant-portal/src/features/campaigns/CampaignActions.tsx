/// Start, pause, resume, stop, restart, copy, adjust, delete. What was started or restarted can be paused from its notice
/// while nothing was dialled; stop and delete are typed.
import { Button, Radio } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api/http';
import type { Campaign, CampaignState, Counters } from '@/api/types';
import { count } from '@/shared/format/format';
import { useJustChanged } from '@/shared/hooks/just-changed';
import { MenuButton } from '@/shared/ui/MenuButton';
import { useNotice } from '@/shared/ui/notice';
import { TypedConfirm } from '@/shared/ui/TypedConfirm';
import { AdjustDrawer } from './AdjustDrawer';
import { CAMPAIGNS, useVerb, VERBS, type Verb } from './api';
import { useSayStarted } from './say-started';
import { closeStartUndo } from './start-undo';

type InProgress = 'finish' | 'hang_up';

export function CampaignActions({ campaign, compact = false }: { campaign: Campaign; compact?: boolean }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const notice = useNotice();
  const verb = useVerb();
  const [stopping, setStopping] = useState(false);
  const [calls, setCalls] = useState<InProgress>('finish');
  const [adjusting, setAdjusting] = useState(false);
  const [deleting, setDeleting] = useState(false);
  // Until the copy is shown: a second click means the same copy.
  const [copying, setCopying] = useState(false);
  const { attempts, in_call } = campaign.counters;
  useEffect(() => closeStartUndo(campaign.id, { attempts, in_call }), [campaign.id, attempts, in_call]);
  const sayStarted = useSayStarted();
  const justChanged = useJustChanged(campaign.state);

  const run = (name: Verb, body?: unknown) =>
    verb.mutate(
      { id: campaign.id, verb: name, body },
      {
        onError: (error) => {
          setCopying(false);
          notice.failed(error);
        },
        onSuccess: (result) => {
          if (name === 'start') {
            sayStarted(campaign.id, t('campaigns.started', { name: campaign.name }));
            return;
          }
          if (name === 'restart') {
            sayStarted(campaign.id, t('campaigns.restarted', { name: campaign.name, n: count(mayReopen(campaign.counters)) }), { attempts, in_call });
            return;
          }
          notice.done(t(`campaigns.did.${name}`));
          if (name === 'copy' && result?.id) void go(`/campaigns/new?edit=${result.id}`);
        },
      },
    );
  const press = (name: Verb) => {
    if (name === 'stop') setStopping(true);
    else if (name !== 'copy') run(name);
    else if (!copying) {
      setCopying(true);
      run(name);
    }
  };
  const remove = useRemove(campaign.id);
  const [first, ...rest] = VERBS[campaign.state] ?? [];
  const editable = campaign.state === 'draft' || campaign.state === 'ready';
  const extra = [
    ...(editable
      ? [{ key: 'edit', label: t('common.edit'), onClick: () => void go(`/campaigns/new?edit=${campaign.id}`) }]
      : [{ key: 'adjust', label: t('campaigns.adjust'), onClick: () => setAdjusting(true) }]),
    ...rest.map((v) => ({ key: v, label: t(`campaigns.verb.${v}`), danger: v === 'stop', disabled: v === 'copy' && copying, onClick: () => press(v) })),
    ...(CALLS.includes(campaign.state) ? [] : [{ key: 'delete', label: t('common.delete'), danger: true, onClick: () => setDeleting(true) }]),
  ];
  return (
    <span className="bb-row-actions" style={{ gap: 8 }}>
      {first && (
        <Button size={compact ? 'small' : 'middle'} type={compact ? 'default' : 'primary'} loading={verb.isPending || justChanged} onClick={() => press(first)}>
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
          <Button key={e.key} danger={'danger' in e && e.danger} disabled={'disabled' in e && e.disabled} onClick={e.onClick}>
            {e.label}
          </Button>
        ))
      )}
      <TypedConfirm
        open={stopping}
        title={t('campaigns.stopTitle', { name: campaign.name })}
        // The name stands above; what can be restarted is confirmed by a word that is short to type.
        word={t('campaigns.verb.stop')}
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
      <TypedConfirm
        open={deleting}
        title={t('campaigns.deleteTitle')}
        word={campaign.name}
        action={t('common.delete')}
        busy={remove.isPending}
        consequence={t('campaigns.deleteConsequence')}
        onCancel={() => setDeleting(false)}
        onConfirm={() =>
          remove.mutate(undefined, {
            onError: (error) => {
              setDeleting(false);
              notice.failed(error);
            },
            onSuccess: () => {
              setDeleting(false);
              notice.done(t('common.deleted'));
              if (!compact) void go('/campaigns', { replace: true });
            },
          })
        }
      />
      {adjusting && <AdjustDrawer campaign={campaign} onClose={() => setAdjusting(false)} />}
    </span>
  );
}

/** At most so many are called again: the server leaves out numbers that do not exist. */
const mayReopen = (c: Counters) => c.cancelled + c.blocked + c.not_connected;

/** A campaign that calls, or will go on calling, is stopped before it is deleted. */
const CALLS: CampaignState[] = ['running', 'paused'];

function useRemove(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.del('/v1/campaigns/{id}', { path: { id } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: [...CAMPAIGNS, 'one', id] });
      for (const part of ['list', 'all']) void client.invalidateQueries({ queryKey: [...CAMPAIGNS, part] });
    },
  });
}
