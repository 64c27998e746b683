/// Name, hours, how many at once, how often again: step 3 of a new campaign, and what may still be changed in one that has started.
import { Button, Form, Input, InputNumber, Select } from 'antd';
import MinusCircleOutlined from '@ant-design/icons/MinusCircleOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Window } from '@/api/types';
import type { CampaignDraft } from './api';

const HALF_HOURS = Array.from({ length: 49 }, (_, i) => `${String(Math.floor(i / 2)).padStart(2, '0')}:${i % 2 ? '30' : '00'}`);
const DAYS = [1, 2, 3, 4, 5, 6, 7];

/** Real people are called in the hours that somebody has set; a rehearsal needs none. */
export const hoursAreFine = (windows: Window[], rehearsal: boolean): boolean =>
  (rehearsal || windows.length > 0) && windows.every((w) => w.weekdays.length > 0 && w.from < w.to);

type Policy = Pick<CampaignDraft, 'name' | 'remark' | 'windows' | 'max_calls' | 'retry'>;
type Props = { draft: Policy; onChange: (part: Partial<Policy>) => void; limit?: number; rehearsal: boolean; children?: ReactNode };

export function PolicyForm({ draft, onChange, limit, rehearsal, children }: Props) {
  const { t } = useTranslation();
  return (
    <Form layout="vertical" component="div">
      <Form.Item label={t('campaigns.name')} htmlFor="bb-c-name" required>
        <Input id="bb-c-name" value={draft.name} maxLength={60} onChange={(e) => onChange({ name: e.target.value })} />
      </Form.Item>
      <Form.Item label={t('campaigns.windows')} extra={t(rehearsal ? 'campaigns.windowsFreeNote' : 'campaigns.windowsNote')} required={!rehearsal}>
        <WindowsEditor value={draft.windows} onChange={(windows) => onChange({ windows })} />
      </Form.Item>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', gap: 16 }}>
        <Form.Item label={t('campaigns.maxCalls')} htmlFor="bb-c-max" extra={limit != null && t('campaigns.maxCallsNote', { n: limit })}>
          <InputNumber id="bb-c-max" min={1} max={2000} value={draft.max_calls} onChange={(v) => onChange({ max_calls: v ?? 1 })} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item label={t('campaigns.retryAttempts')} htmlFor="bb-c-tries" extra={t('campaigns.retryNote')}>
          <InputNumber id="bb-c-tries" min={1} max={10} value={draft.retry.attempts} onChange={(v) => onChange({ retry: { ...draft.retry, attempts: v ?? 1 } })} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item label={t('campaigns.retryInterval')} htmlFor="bb-c-gap">
          <InputNumber
            id="bb-c-gap"
            min={1}
            max={1440}
            suffix={t('campaigns.minutes')}
            value={Math.round(draft.retry.interval_s / 60)}
            onChange={(v) => onChange({ retry: { ...draft.retry, interval_s: (v ?? 30) * 60 } })}
            style={{ width: '100%' }}
          />
        </Form.Item>
      </div>
      <Form.Item label={t('common.remark')} htmlFor="bb-c-remark" style={{ marginBottom: children ? undefined : 0 }}>
        <Input.TextArea id="bb-c-remark" rows={2} maxLength={200} value={draft.remark} onChange={(e) => onChange({ remark: e.target.value })} />
      </Form.Item>
      {children}
    </Form>
  );
}

function WindowsEditor({ value, onChange }: { value: Window[]; onChange: (next: Window[]) => void }) {
  const { t } = useTranslation();
  const set = (i: number, part: Partial<Window>) => onChange(value.map((w, j) => (j === i ? { ...w, ...part } : w)));
  const toggle = (w: Window, day: number) => (w.weekdays.includes(day) ? w.weekdays.filter((d) => d !== day) : [...w.weekdays, day].sort());
  return (
    <div className="bb-windows">
      {value.map((w, i) => (
        <div key={i} className="bb-window">
          <span className="bb-days" role="group" aria-label={t('week.days')}>
            {DAYS.map((d) => (
              <button key={d} type="button" aria-pressed={w.weekdays.includes(d)} aria-label={t(`week.${d}`)} onClick={() => set(i, { weekdays: toggle(w, d) })}>
                {t(`week.short${d}`)}
              </button>
            ))}
          </span>
          <Select aria-label={t('common.from')} style={{ width: 92 }} value={w.from} options={HALF_HOURS.slice(0, 48).map((h) => ({ value: h }))} onChange={(from) => set(i, { from })} />
          –
          <Select aria-label={t('common.to')} style={{ width: 92 }} status={w.from >= w.to ? 'error' : undefined} value={w.to} options={HALF_HOURS.slice(1).map((h) => ({ value: h }))} onChange={(to) => set(i, { to })} />
          <Button type="text" icon={<MinusCircleOutlined />} aria-label={t('common.delete')} onClick={() => onChange(value.filter((_, j) => j !== i))} />
        </div>
      ))}
      <div>
        <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => onChange([...value, { weekdays: [1, 2, 3, 4, 5], from: '09:00', to: '12:00' }])}>
          {t('campaigns.addWindow')}
        </Button>
      </div>
    </div>
  );
}
