/// What came of the call-back: result, note, status, next time. Ctrl+Enter saves and opens the next lead.
import { AutoComplete, Button, DatePicker, Form, Input, Radio } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useEffect, type KeyboardEvent as KeyboardEventOf } from 'react';
import { useTranslation } from 'react-i18next';
import type { FollowUp, Lead } from '@/api/types';
import { draftOf, dropDraft, keepDraft } from '@/shared/drafts';
import { useNotice } from '@/shared/ui/notice';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { addFollowUp, useLeadChange } from './api';

type Fields = { result: string; note?: string; status: FollowUp['status']; next_at?: Dayjs | null };
const RESULTS = ['reached', 'interested', 'booked', 'noAnswer', 'wrongPerson', 'notInterested'] as const;

const STATUSES = ['won', 'following', 'dropped'] as const;

/** A closed lead stays closed unless the person opens it again. */
const startOf = (lead: Lead): FollowUp['status'] => (lead.status === 'won' || lead.status === 'dropped' ? lead.status : 'following');

/** Appointments are made for a whole minute. */
const at = (time: Dayjs): Dayjs => time.startOf('minute');

type Props = { lead: Lead; /** What else was typed about the lead is saved before. */ saveFirst: () => Promise<void>; onSaved: () => void };

export function FollowUpForm({ lead, saveFirst, onSaved }: Props) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [form] = Form.useForm<Fields>();
  const status = Form.useWatch('status', form);
  const draft = `follow-up ${lead.id}`;
  // The draft ends with the answer, and the next lead is opened with it, not with the form: a closed lead leaves the queue
  // and takes its form along, and an offer may have led away from it meanwhile.
  const save = useLeadChange(async (f: Fields) => {
    await saveFirst();
    await addFollowUp(lead.id, { result: f.result.trim(), note: f.note?.trim() ?? '', status: f.status, next_at: f.status === 'following' ? (f.next_at ? at(f.next_at).toISOString() : null) : null });
    dropDraft(draft);
    notice.done(t('leads.followUpSaved'));
    onSaved();
  });
  // From anywhere on the page, but not out of a dialog.
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const chosen = STATUSES[Number(e.key) - 1];
      if (chosen && !e.ctrlKey && !e.metaKey && !e.altKey && !e.isComposing && !isTyping(e.target) && !dialogOpen()) {
        e.preventDefault();
        form.setFieldValue('status', chosen);
        keepDraft(draft, form.getFieldsValue());
        return;
      }
      if (!(e.ctrlKey || e.metaKey) || e.key !== 'Enter' || e.isComposing || e.repeat || dialogOpen()) return;
      e.preventDefault();
      if (!save.isPending) form.submit();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <Panel title={t('leads.followUp')}>
      {save.error && <Trouble error={save.error} />}
      <Form
        form={form}
        layout="vertical"
        size="small"
        className="bb-tight"
        initialValues={{ status: startOf(lead), ...draftOf<Partial<Fields>>(draft) }}
        onValuesChange={(_, all) => keepDraft(draft, all)}
        onFinish={(f) => save.mutate(f)}
        onKeyDown={keepOpen}
        onKeyDownCapture={keepTyped}
      >
        <Form.Item name="result" label={t('leads.result')} rules={[{ required: true, whitespace: true, message: t('common.required') }]}>
          <AutoComplete
            maxLength={60}
            placeholder={t('leads.resultHint')}
            options={RESULTS.map((r) => ({ value: t(`leads.resultOf.${r}`) }))}
            defaultActiveFirstOption={false}
            showSearch={{ filterOption: (typed, option) => String(option?.value).includes(typed.trim()) }}
          />
        </Form.Item>
        <Form.Item name="status" label={t('leads.status')}>
          <Radio.Group optionType="button" options={STATUSES.map((s, i) => ({ value: s, label: t(`leadStatus.${s}`), title: t('leads.statusKey', { n: i + 1 }) }))} />
        </Form.Item>
        {status === 'following' && (
          <Form.Item name="next_at" label={t('leads.nextAt')} rules={[{ required: true, message: t('leads.needNext') }]}>
            <DatePicker
              showTime={{ format: 'HH:mm', minuteStep: 15 }}
              format="YYYY-MM-DD HH:mm"
              style={{ width: '100%' }}
              minDate={dayjs()}
              showNow={false}
              presets={[
                { label: t('leads.in.hour'), value: at(dayjs().add(1, 'hour')) },
                { label: t('leads.in.tomorrow'), value: at(dayjs().add(1, 'day').hour(10).minute(0)) },
                { label: t('leads.in.week'), value: at(dayjs().add(7, 'day').hour(10).minute(0)) },
              ]}
            />
          </Form.Item>
        )}
        <Form.Item name="note" label={t('leads.note')}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" block size="middle" loading={save.isPending}>
          {t('leads.saveNext')} <kbd className="bb-kbd-light">Ctrl ↵</kbd>
        </Button>
      </Form>
    </Panel>
  );
}

/** Tab leaves what was typed as it was typed; the list would put the likest of its options there. */
const keepTyped = (e: KeyboardEventOf<HTMLFormElement>): void => {
  if (e.key === 'Tab' && e.target instanceof HTMLElement && e.target.getAttribute('role') === 'combobox') e.stopPropagation();
};

/** Enter in a field confirms a date or a choice; it saves nothing that is half written. */
const keepOpen = (e: KeyboardEventOf<HTMLFormElement>): void => {
  if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey && e.target instanceof HTMLInputElement) e.preventDefault();
};

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('input:not([type=radio], [type=checkbox], [type=range]), textarea, [contenteditable=true]') !== null;

/** A closed dialog stays in the page, out of sight. */
const dialogOpen = (): boolean => [...document.querySelectorAll<HTMLElement>('.ant-modal')].some((dialog) => dialog.offsetParent !== null);
