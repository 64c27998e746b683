/// Somebody else, or another tab, saved the same draft: the person chooses which of the two stays, and loses nothing by accident.
import { Button, Modal } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copied } from '@/shared/copy';
import { time } from '@/shared/format/format';
import { useNotice } from '@/shared/ui/notice';
import { getScript } from './api';
import { useFlow } from './editor';

export function Conflict({ id }: { id: string }) {
  const { t } = useTranslation();
  const notice = useNotice();
  const editor = useFlow();
  const [asking, setAsking] = useState<'mine' | 'theirs' | null>(null);
  const newest = useMutation({ mutationFn: () => getScript(id), onError: notice.failed });
  const over = useMutation({ mutationFn: editor.saveOver, onSettled: () => setAsking(null) });
  const ask = (which: 'mine' | 'theirs') => newest.mutate(undefined, { onSuccess: () => setAsking(which) });
  const choose = () => {
    if (!newest.data) return;
    if (asking === 'mine') over.mutate(newest.data);
    else {
      editor.giveUp(newest.data);
      setAsking(null);
    }
  };
  return (
    <div className="bb-trouble bb-conflict" role="alert">
      <b>{t('script.conflict.title')}</b>
      <p>{t('script.conflict.note')}</p>
      <div>
        <Button size="small" type="primary" disabled={newest.isPending} onClick={() => ask('mine')}>
          {t('script.conflict.mine')}
        </Button>
        <Button size="small" disabled={newest.isPending} onClick={() => ask('theirs')}>
          {t('script.conflict.theirs')}
        </Button>
        <Button size="small" type="text" onClick={() => void copied(JSON.stringify(editor.flow, null, 2)).then(notice.copied)}>
          {t('script.conflict.copy')}
        </Button>
      </div>
      <Modal
        open={asking !== null}
        title={asking && t(`script.conflict.${asking}`)}
        okText={asking && t(`script.conflict.${asking}Now`)}
        okButtonProps={{ danger: true }}
        confirmLoading={over.isPending}
        onOk={choose}
        onCancel={() => setAsking(null)}
        width={440}
      >
        {asking && t(`script.conflict.${asking}Note`, { at: time(newest.data?.draft.updated_at) })}
      </Modal>
    </div>
  );
}
