/// Asks before a form that was filled in is closed without saving.
import { Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** `leave` closes at once where nothing was typed; the question stands where `question` is put. */
export function useUnsaved(touched: () => boolean, onClose: () => void): { leave: () => void; question: ReactNode } {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return {
    leave: () => (touched() ? setAsking(true) : onClose()),
    question: (
      <Modal
        open={asking}
        title={t('common.unsavedTitle')}
        okText={t('common.discard')}
        okButtonProps={{ danger: true }}
        cancelText={t('common.goOn')}
        onOk={onClose}
        onCancel={() => setAsking(false)}
        width={400}
      >
        {t('common.unsavedNote')}
      </Modal>
    ),
  };
}
