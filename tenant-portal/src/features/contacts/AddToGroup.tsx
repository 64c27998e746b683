/// Puts the selected contacts into a group: one that exists, or a new one by its name.
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Form, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { count } from '@/shared/format/format';
import { useNotice } from '@/shared/ui/notice';
import { Trouble } from '@/shared/ui/Trouble';
import { addToGroup, groupsNamed, useContactChange } from './api';

export function AddToGroup({ ids, onClose, onDone }: { ids: string[]; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const [typed, setTyped] = useState('');
  const name = typed.trim();
  const found = useQuery({ queryKey: ['groups', 'named', name], queryFn: ({ signal }) => groupsNamed(name, signal), placeholderData: (before) => before });
  const add = useContactChange((group: string) => addToGroup(group, ids));
  const known = found.data?.some((g) => g.name === name) ?? false;
  const submit = () =>
    name &&
    add.mutate(name, {
      onSuccess: (added) => {
        notice.done(t('contacts.addedToGroup', { n: count(added), name }));
        onDone();
      },
    });
  return (
    <Modal
      open
      mask={{ closable: false }}
      width={440}
      title={t('contacts.addToGroup')}
      okText={t('contacts.addToGroup')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !name, loading: add.isPending }}
      onOk={submit}
      onCancel={onClose}
    >
      {add.error && <Trouble error={add.error} />}
      <Form layout="vertical" onFinish={submit}>
        <Form.Item label={t('contacts.group')} extra={name && found.isSuccess && !found.isPlaceholderData && !known ? t('contacts.newGroup', { name }) : t('contacts.groupHint')}>
          <AutoComplete
            autoFocus
            maxLength={50}
            value={typed}
            onChange={setTyped}
            options={(found.data ?? []).map((g) => ({ value: g.name }))}
            aria-label={t('contacts.group')}
            style={{ width: '100%' }}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
