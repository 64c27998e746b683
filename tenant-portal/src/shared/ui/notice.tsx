/// Short answers to an action: done, done with a way back, or why not.
import { App, Button } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { problemText } from '@/shared/i18n/problem-text';

let serial = 0;

export function useNotice() {
  const { message, notification } = App.useApp();
  const { t } = useTranslation();
  return useMemo(
    () => ({
      done: (text: string) => void message.success(text),
      copied: (done: boolean) => void (done ? message.success(t('common.copied')) : message.warning(t('common.copyByHand'))),
      /** Done, with a button that takes it back while the notice stands; `way`: what that button does. */
      undoable: (text: string, undo: () => void, seconds = 8, way = t('common.undo')) => {
        const key = `undo-${(serial += 1)}`;
        notification.success({
          key,
          title: text,
          duration: seconds,
          showProgress: true,
          placement: 'bottomLeft',
          actions: (
            <Button
              size="small"
              type="link"
              onClick={() => {
                notification.destroy(key);
                undo();
              }}
            >
              {way}
            </Button>
          ),
        });
        return () => notification.destroy(key);
      },
      /** What was asked for was not done, and why. */
      refused: (title: string, why: string) => notification.error({ title, description: why, duration: 8, placement: 'top', style: { width: 360 } }),
      failed: (error: unknown) => {
        const { title, next } = problemText(t, error);
        const id = isProblem(error) ? error.requestId : null;
        notification.error({
          title,
          description: (
            <>
              {next}
              {id && <div className="bb-muted">{t('error.requestId', { id })}</div>}
            </>
          ),
          duration: 8,
          // Below the header and between a page's title and its buttons.
          placement: 'top',
          style: { width: 360 },
        });
      },
    }),
    [message, notification, t],
  );
}
