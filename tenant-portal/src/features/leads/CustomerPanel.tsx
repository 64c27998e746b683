/// The customer: masked number, reveal of one number with a reason, and data to complete.
import { Button, Form, Input, Modal, Select, Space } from 'antd';
import { useEffect, useImperativeHandle, useState, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { Lead } from '@/api/types';
import { useNotice } from '@/shared/ui/notice';
import { Panel } from '@/shared/ui/Page';
import { Trouble } from '@/shared/ui/Trouble';
import { revealNumber, useLeadChange } from './api';
import { changeOf, keepCard, openedCard, saveCard, unsavedCard, type Card } from './customer';

/** Saves the card with what else the page saves, which tells of an error. */
export type CardSaver = { save: () => Promise<void> };

export function CustomerPanel({ lead, saver }: { lead: Lead; saver?: Ref<CardSaver> }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [form] = Form.useForm<Card>();
  const [opened, setOpened] = useState(() => openedCard(lead));
  const [unsaved, setUnsaved] = useState(() => unsavedCard(lead));
  const [before] = useState(unsaved ?? opened);
  const [newField, setNewField] = useState('');
  const [names, setNames] = useState(() => Object.keys({ ...lead.contact.fields, ...before.fields }));
  const saveNow = async () => {
    const known = await saveCard(lead);
    if (known) setOpened(known);
    setUnsaved(unsavedCard(lead));
  };
  const save = useLeadChange(saveNow);
  useImperativeHandle(saver, () => ({
    save: () => {
      save.reset();
      return saveNow();
    },
  }));
  const addField = () => {
    const name = newField.trim();
    if (name && !names.includes(name)) setNames([...names, name]);
    setNewField('');
  };
  return (
    <Panel
      title={t('leads.customer')}
      extra={
        unsaved && changeOf(unsaved, opened) && (
          <Button size="small" loading={save.isPending} onClick={() => form.submit()}>
            {t('common.save')}
          </Button>
        )
      }
    >
      <Number lead={lead} />
      {save.error && <Trouble error={save.error} />}
      <Form
        form={form}
        layout="vertical"
        size="small"
        className="bb-tight"
        initialValues={before}
        onValuesChange={(_, all) => {
          setUnsaved(all);
          keepCard(lead, all, opened);
        }}
        onFinish={() => save.mutate(undefined, { onSuccess: () => notice.done(t('common.saved')) })}
      >
        <Form.Item name="name" label={t('contacts.name')}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="remark" label={t('common.remark')}>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 3 }} maxLength={500} />
        </Form.Item>
        {names.map((name) => (
          <Form.Item key={name} name={['fields', name]} label={name}>
            <Input maxLength={200} />
          </Form.Item>
        ))}
        <Space.Compact block>
          <Input
            placeholder={t('contacts.fieldName')}
            aria-label={t('contacts.addField')}
            value={newField}
            onChange={(e) => setNewField(e.target.value)}
            onPressEnter={(e) => {
              e.preventDefault();
              addField();
            }}
          />
          <Button onClick={addField}>{t('common.add')}</Button>
        </Space.Compact>
      </Form>
    </Panel>
  );
}

/** The full number exists on this screen only for as long as the server says. */
function Number({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<{ number: string; until: number } | null>(null);
  const [now, setNow] = useState(() => Date.now());
  const reveal = useLeadChange((why: string) => revealNumber(lead.id, why));
  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= shown.until) setShown(null);
    }, 500);
    return () => clearInterval(timer);
  }, [shown]);
  const ask = () =>
    reveal.mutate(reason.trim(), {
      onSuccess: ({ number, expires_in_s }) => {
        setAsking(false);
        setNow(Date.now());
        setShown({ number, until: Date.now() + expires_in_s * 1000 });
      },
      onError: notice.failed,
    });
  const reasons = [t('leads.reason.callBack'), t('leads.reason.booked'), t('leads.reason.confirm')];
  return (
    <div className="bb-reveal">
      <div>
        <div className={shown ? 'bb-reveal-number' : undefined}>{shown ? shown.number : lead.contact.number}</div>
        <small className="bb-muted">
          {shown ? t('leads.hidesIn', { n: Math.max(0, Math.ceil((shown.until - now) / 1000)) }) : [lead.contact.province, lead.contact.city].filter(Boolean).join(' ')}
        </small>
      </div>
      {!shown && (
        <Button size="small" onClick={() => setAsking(true)}>
          {t('leads.reveal')}
        </Button>
      )}
      <Modal open={asking} title={t('leads.reveal')} okText={t('leads.revealNow')} okButtonProps={{ disabled: !reason.trim(), loading: reveal.isPending }} onOk={ask} onCancel={() => setAsking(false)} width={420}>
        <p style={{ marginBottom: 12 }}>{t('leads.revealNote')}</p>
        <Select
          style={{ width: '100%' }}
          aria-label={t('leads.reasonLabel')}
          placeholder={t('leads.reasonLabel')}
          value={reason || undefined}
          onChange={setReason}
          options={reasons.map((r) => ({ value: r, label: r }))}
        />
      </Modal>
    </div>
  );
}
