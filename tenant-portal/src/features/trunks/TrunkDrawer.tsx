/// Adds or edits one trunk. A stored password is never shown; left empty it stays.
import { Button, Drawer, Form, Input, InputNumber, Radio, Select, Space } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { Trunk } from '@/api/types';
import { useNotice } from '@/shared/ui/notice';
import { Trouble } from '@/shared/ui/Trouble';
import { useUnsaved } from '@/shared/ui/Unsaved';

type Fields = { name: string; kind: Trunk['kind']; address: string; username?: string; password?: string; caller_ids: string[]; max_calls: number; calls_per_second: number };

export function TrunkDrawer({ trunk, onClose }: { trunk: Trunk | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (f: Fields) => {
      const { password, username, kind, ...rest } = f;
      const body = { ...rest, ...(trunk ? {} : { kind }), name: f.name.trim(), address: f.address.trim(), username: username?.trim() || null, ...(password ? { password } : trunk ? {} : { password: null }) };
      return trunk ? api.patch('/v1/trunks/{id}', body, { path: { id: trunk.id } }) : api.post('/v1/trunks', body);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['trunks'] });
      notice.done(t('common.saved'));
      onClose();
    },
  });
  const { leave, question } = useUnsaved(() => form.isFieldsTouched(), onClose);
  const required = [{ required: true, message: t('common.required') }];
  return (
    <Drawer
      open
      size={440}
      title={trunk ? t('trunks.edit') : t('trunks.add')}
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
      {save.error && <Trouble error={save.error} />}
      <Form
        form={form}
        layout="vertical"
        onFinish={(f) => save.mutate(f)}
        initialValues={trunk ? { ...trunk, password: '' } : { kind: 'sip', caller_ids: [], max_calls: 30, calls_per_second: 5 }}
      >
        <Form.Item name="name" label={t('common.name')} rules={required}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        <Form.Item name="kind" label={t('trunks.kind')}>
          <Radio.Group disabled={Boolean(trunk)} options={(['sip', 'rehearsal'] as const).map((k) => ({ value: k, label: t(`trunkKind.${k}`) }))} />
        </Form.Item>
        <Form.Item name="address" label={t('trunks.address')} extra={t('trunks.addressHint')} rules={required}>
          <Input placeholder="sip.carrier.example:5060" />
        </Form.Item>
        <Form.Item name="username" label={t('trunks.username')}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="password" label={t('login.password')} extra={trunk?.has_password ? t('trunks.passwordKept') : undefined}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="caller_ids" label={t('trunks.callerIds')} extra={t('trunks.callerIdsHint')}>
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '，', ' ', '\n']} />
        </Form.Item>
        <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 16 }}>
          <Form.Item name="max_calls" label={t('trunks.maxCalls')} rules={required}>
            <InputNumber min={1} max={5000} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="calls_per_second" label={t('trunks.cps')} rules={required}>
            <InputNumber min={1} max={200} style={{ width: '100%' }} />
          </Form.Item>
        </div>
      </Form>
      {question}
    </Drawer>
  );
}
