/// Name, category and remark of a script: a new one, or one that is there already.
import { Form, Input, Modal, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Script } from '@/api/types';
import { Trouble } from '@/shared/ui/Trouble';
import { createScript, patchScript, SCRIPTS } from './api';

export const CATEGORIES = ['marketing', 'revisit', 'notice', 'collection', 'public', 'other'] as const;

type Fields = { name: string; category: string; remark?: string };

export function ScriptDialog({ script, onClose }: { script?: Script; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (f: Fields) => {
      const body = { name: f.name.trim(), category: f.category, remark: f.remark?.trim() ?? '' };
      return script ? patchScript(script.id, body) : createScript(body);
    },
    onSuccess: async (saved) => {
      if (!script) return go(`/scripts/${saved.id}`);
      await client.invalidateQueries({ queryKey: SCRIPTS });
      onClose();
    },
  });
  return (
    <Modal
      open
      mask={{ closable: false }}
      title={t(script ? 'scripts.rename' : 'scripts.create')}
      okText={t(script ? 'common.save' : 'scripts.createAndEdit')}
      onOk={() => form.submit()}
      onCancel={onClose}
      confirmLoading={save.isPending}
      width={440}
    >
      {save.error && <Trouble error={save.error} />}
      <Form form={form} layout="vertical" initialValues={script ?? { category: 'marketing' }} onFinish={(f) => save.mutate(f)} style={{ marginTop: 12 }}>
        <Form.Item name="name" label={t('scripts.name')} rules={[{ required: true, whitespace: true, message: t('common.required') }]}>
          <Input autoFocus maxLength={60} />
        </Form.Item>
        <Form.Item name="category" label={t('scripts.category')}>
          <Select options={CATEGORIES.map((c) => ({ value: c, label: t(`category.${c}`) }))} />
        </Form.Item>
        <Form.Item name="remark" label={t('common.remark')}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
