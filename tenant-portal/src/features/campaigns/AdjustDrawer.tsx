/// Changes a campaign that has started: hours, calls at once and retries at any time, the line while nothing is dialled.
import { Button, Drawer, Form, Select, Space } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { Campaign } from '@/api/types';
import { optionsOf, useGroups, useScripts, useTrunks } from '@/shared/domain/lookups';
import { useNotice } from '@/shared/ui/notice';
import { Facts } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { useUnsaved } from '@/shared/ui/Unsaved';
import { adjustmentOf, changed, trunkLocked, type Adjustment } from './adjust';
import { CAMPAIGNS } from './api';
import { hoursAreFine, PolicyForm } from './PolicyForm';
import './campaigns.css';

export function AdjustDrawer({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const [before] = useState(() => adjustmentOf(campaign));
  const [draft, setDraft] = useState(before);
  const change = (part: Partial<Adjustment>) => setDraft((d) => ({ ...d, ...part }));
  const [groups, scripts, trunks] = [useGroups(), useScripts(), useTrunks()];
  const nameIn = (rows: { id: string; name: string }[] | undefined, id: string | null | undefined) => rows?.find((r) => r.id === id)?.name ?? '—';
  const locked = trunkLocked(campaign.state);
  const trunk = trunks.data?.find((k) => k.id === (locked ? campaign.trunk_id : draft.trunk_id));
  const rehearsal = trunk?.kind === 'rehearsal';
  const body = changed(before, draft, campaign.state);
  const trouble = !draft.name.trim() ? t('campaigns.needName') : hoursAreFine(draft.windows, rehearsal) ? null : t('campaigns.needWindow');
  const { leave, question } = useUnsaved(() => Object.keys(body).length > 0, onClose);
  const save = useMutation({
    mutationFn: () => api.patch<Campaign>('/v1/campaigns/{id}', body, { path: { id: campaign.id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: CAMPAIGNS });
      notice.done(t('campaigns.adjusted'));
      onClose();
    },
  });
  return (
    <Drawer
      open
      size={620}
      title={t('campaigns.adjust')}
      onClose={leave}
      footer={
        <Space>
          <Button type="primary" loading={save.isPending} disabled={trouble !== null || Object.keys(body).length === 0} onClick={() => save.mutate()}>
            {t('common.save')}
          </Button>
          <Button onClick={leave}>{t('common.cancel')}</Button>
          {trouble && <span className="bb-muted">{trouble}</span>}
        </Space>
      }
    >
      {save.error && <Trouble error={save.error} />}
      <p className="bb-muted bb-adjust-note">{t('campaigns.adjustNote')}</p>
      <PolicyForm draft={draft} onChange={change} limit={trunk?.max_calls} rehearsal={rehearsal}>
        <Form.Item label={t('campaigns.trunk')} htmlFor="bb-c-trunk" extra={locked ? t('campaigns.trunkLocked') : undefined}>
          <Select
            id="bb-c-trunk"
            disabled={locked}
            showSearch={{ optionFilterProp: 'label' }}
            value={(locked ? campaign.trunk_id : draft.trunk_id) || undefined}
            options={optionsOf(trunks.data)}
            onChange={(trunk_id: string) => change({ trunk_id })}
          />
        </Form.Item>
        <Facts
          items={[
            { term: t('campaigns.group'), value: campaign.group?.name ?? nameIn(groups.data, campaign.group_id) },
            { term: t('campaigns.script'), value: campaign.script?.name ?? nameIn(scripts.data, campaign.script_id) },
          ]}
        />
        <p className="bb-muted bb-adjust-note">{t('campaigns.groupScriptLocked')}</p>
      </PolicyForm>
      {question}
    </Drawer>
  );
}
