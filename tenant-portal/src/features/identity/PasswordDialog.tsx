/// Own password, changed by its owner.
import { Form, Input, Modal } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import { Trouble } from '@/shared/ui/Trouble';
import { useNotice } from '@/shared/ui/notice';

type Fields = { current: string; new: string; again: string };

export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (f: Fields) => api.post('/v1/me/password', { current: f.current, new: f.new }),
    onSuccess: () => {
      notice.done(t('identity.passwordChanged'));
      onClose();
    },
  });
  return (
    <Modal open mask={{ closable: false }} title={t('identity.changePassword')} okText={t('common.save')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={save.isPending} width={420}>
      {save.error && <Trouble error={save.error} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(f) => save.mutate(f)} style={{ marginTop: 12 }}>
        <Form.Item name="current" label={t('identity.currentPassword')} rules={[{ required: true, message: t('login.passwordMissing') }]}>
          <Input.Password autoComplete="current-password" autoFocus />
        </Form.Item>
        <Form.Item name="new" label={t('identity.newPassword')} extra={t('identity.passwordRule')} rules={[{ required: true, min: 8, message: t('identity.passwordRule') }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('identity.repeatPassword')}
          dependencies={['new']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) => (value === getFieldValue('new') ? Promise.resolve() : Promise.reject(new Error(t('identity.passwordsDiffer')))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
