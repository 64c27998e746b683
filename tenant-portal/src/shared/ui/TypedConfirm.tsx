/// For what cannot be undone: the button wakes when the given word has been typed.
import { Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';

type Props = {
  open: boolean;
  title: ReactNode;
  /** What will happen, in full. */
  consequence: ReactNode;
  /** The word to type, usually the name of the thing; spaces, middle dots and case do not count. */
  word: string;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
};

/** What a keyboard has: no difference of spaces, middle dots or case. */
const bare = (text: string): string => text.normalize('NFKC').replace(/[\s\u00b7\u2022\u2027\u2219\u22c5\u30fb]/g, '').toLowerCase();

export function TypedConfirm({ open, title, consequence, word, action, busy, onConfirm, onCancel }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  // Nothing typed confirms nothing, whatever the thing is called.
  const ready = bare(typed) !== '' && bare(typed) === bare(word);
  return (
    <Modal
      open={open}
      title={title}
      okText={action}
      okButtonProps={{ danger: true, disabled: !ready, loading: busy }}
      onOk={onConfirm}
      onCancel={onCancel}
      afterClose={() => setTyped('')}
      width={440}
      destroyOnHidden
    >
      <p style={{ marginBottom: 12 }}>{consequence}</p>
      <label>
        <span style={{ display: 'block', marginBottom: 6 }}>
          <Trans i18nKey="confirm.type" values={{ word }} components={{ b: <b /> }} t={t} />
        </span>
        <Input autoFocus value={typed} onChange={(e) => setTyped(e.target.value)} onPressEnter={() => ready && !busy && onConfirm()} />
      </label>
    </Modal>
  );
}
