/// Published versions; an old one can be published again as new.
import { Button, Modal, Skeleton } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScriptVersion } from '@/api/types';
import { time } from '@/shared/format/format';
import { Empty } from '@/shared/ui/Empty';
import { useNotice } from '@/shared/ui/notice';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { rollbackScript, SCRIPTS, useVersions } from './api';
import { useFlow } from './editor';

export const publisher = (v: ScriptVersion): string => (typeof v.by === 'string' ? v.by : (v.by?.name ?? ''));

/** A restored version is noted by the version it was taken from. */
const noteText = (t: TFunction, note: string): string => {
  const from = /^v(\d+)$/.exec(note)?.[1];
  return from ? t('script.restoredFrom', { n: from }) : note;
};

type Props = { id: string; current: string | null; /** Its words are on the page. */ viewed: string | null; edits: boolean; onView: (id: string | null) => void };

export function Versions({ id, current, viewed, edits, onView }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const versions = useVersions(id);
  const { flush } = useFlow();
  const [chosen, setChosen] = useState<ScriptVersion | null>(null);
  const rollback = useMutation({
    // What was typed is saved first: the server then keeps it as the draft instead of the old version's words.
    mutationFn: async (version: string) => {
      if (!(await flush())) return false;
      await rollbackScript(id, version);
      return true;
    },
    onSuccess: (done) => {
      setChosen(null);
      if (!done) return;
      onView(null);
      notice.done(t('script.rolledBack'));
      return client.invalidateQueries({ queryKey: SCRIPTS });
    },
    onError: notice.failed,
  });
  if (versions.error && !versions.data) return <Trouble error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Skeleton active />;
  if (versions.data.length === 0) return <Empty title={t('script.noVersions')} why={t('script.noVersionsWhy')} />;
  return (
    <ul className="bb-versions">
      {versions.data.map((v) => (
        <li key={v.id} aria-current={v.id === viewed || undefined}>
          <div>
            <b>{t('script.version', { n: v.number })}</b> {v.id === current && <StatusTag tone="success">{t('script.current')}</StatusTag>}
            <br />
            <small className="bb-muted">
              {time(v.published_at)} {publisher(v)}
            </small>
            {v.note && <p>{noteText(t, v.note)}</p>}
          </div>
          <div className="bb-version-acts">
            {v.id !== viewed && (
              <Button size="small" onClick={() => onView(v.id)}>
                {t('script.viewVersion')}
              </Button>
            )}
            {edits && v.id !== current && (
              <Button size="small" onClick={() => setChosen(v)}>
                {t('script.rollback')}
              </Button>
            )}
          </div>
        </li>
      ))}
      <Modal
        open={chosen !== null}
        title={t('script.rollbackTitle', { n: chosen?.number })}
        okText={t('script.rollback')}
        confirmLoading={rollback.isPending}
        onOk={() => chosen && rollback.mutate(chosen.id)}
        onCancel={() => setChosen(null)}
        width={420}
      >
        {t('script.rollbackNote')}
      </Modal>
    </ul>
  );
}
