/// Adds or edits one contact. The number of an existing contact stays masked and is not edited here.
import { Button, Drawer, Form, Input, Select, Space } from 'antd';
import MinusCircleOutlined from '@ant-design/icons/MinusCircleOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { optionsOf, useGroups } from '@/shared/domain/lookups';
import { fieldOf, sayAtField } from '@/shared/ui/field-trouble';
import { useNotice } from '@/shared/ui/notice';
import { Trouble } from '@/shared/ui/Trouble';
import { useUnsaved } from '@/shared/ui/Unsaved';
import { saveContact, useContactChange } from './api';

type Fields = { name: string; number?: string; remark?: string; group_ids?: string[]; fields?: { key: string; value: string }[] };

const AT_FIELD = ['name', 'number', 'remark'];

export function ContactDrawer({ contact, onClose }: { contact: Contact | null; onClose: () => void }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const groups = useGroups();
  const [form] = Form.useForm<Fields>();
  const save = useContactChange((f: Fields) =>
    saveContact(contact?.id ?? null, {
      name: f.name.trim(),
      ...(contact ? {} : { number: f.number?.trim() }),
      remark: f.remark?.trim() ?? '',
      group_ids: f.group_ids ?? [],
      fields: Object.fromEntries((f.fields ?? []).filter((x) => x?.key).map((x) => [x.key.trim(), x.value ?? ''])),
    }),
  );
  const { leave, question } = useUnsaved(() => form.isFieldsTouched(), onClose);
  const submit = (f: Fields) =>
    save.mutate(f, {
      onError: (error) => sayAtField(form, t, error, AT_FIELD),
      onSuccess: () => {
        notice.done(t('common.saved'));
        onClose();
      },
    });
  return (
    <Drawer
      open
      size={440}
      title={contact ? t('contacts.edit') : t('contacts.add')}
      onClose={leave}
      footer={
        <Space>
          <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
            {t('common.save')}
          </Button>
          <Button onClick={leave}>{t('common.cancel')}</Button>
        </Space>
      }
    >
      {save.error && !fieldOf(save.error, AT_FIELD) && <Trouble error={save.error} />}
      <Form
        form={form}
        layout="vertical"
        onFinish={submit}
        initialValues={
          contact
            ? {
                name: contact.name,
                remark: contact.remark,
                group_ids: contact.groups.map((g) => g.id),
                fields: Object.entries(contact.fields).map(([key, value]) => ({ key, value })),
              }
            : undefined
        }
      >
        <Form.Item name="name" label={t('contacts.name')} rules={[{ required: true, message: t('common.required') }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        {contact ? (
          <Form.Item label={t('contacts.number')}>{contact.number}</Form.Item>
        ) : (
          <Form.Item name="number" label={t('contacts.number')} extra={t('contacts.numberHint')} rules={[{ required: true, message: t('common.required') }]}>
            <Input inputMode="tel" maxLength={30} />
          </Form.Item>
        )}
        <Form.Item name="group_ids" label={t('contacts.groups')}>
          <Select mode="multiple" options={optionsOf(groups.data)} showSearch={{ optionFilterProp: 'label' }} />
        </Form.Item>
        <Form.Item name="remark" label={t('common.remark')}>
          <Input.TextArea rows={3} maxLength={500} showCount />
        </Form.Item>
        <Form.List name="fields">
          {(rows, { add, remove }) => (
            <Form.Item label={t('contacts.fields')} required={false}>
              {rows.map(({ key, name }) => (
                <Space key={key} style={{ display: 'flex', marginBottom: 8 }} align="baseline">
                  <Form.Item name={[name, 'key']} noStyle>
                    <Input placeholder={t('contacts.fieldName')} aria-label={t('contacts.fieldName')} style={{ width: 130 }} />
                  </Form.Item>
                  <Form.Item name={[name, 'value']} noStyle>
                    <Input placeholder={t('contacts.fieldValue')} aria-label={t('contacts.fieldValue')} style={{ width: 200 }} />
                  </Form.Item>
                  <Button type="text" icon={<MinusCircleOutlined />} aria-label={t('common.delete')} onClick={() => remove(name)} />
                </Space>
              ))}
              <Button type="dashed" block icon={<PlusOutlined />} onClick={() => add({ key: '', value: '' })}>
                {t('contacts.addField')}
              </Button>
            </Form.Item>
          )}
        </Form.List>
      </Form>
      {question}
    </Drawer>
  );
}
