/// In place of one thing that could not be shown: it is gone, never was, or is not the person's to see, with the way back
/// to the others; any other trouble may be tried again.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { isProblem } from '@/api/problem';
import { Empty } from './Empty';
import { Panel } from './Page';
import { Trouble } from './Trouble';

type Props = { error: unknown; back: { to: string; text: string }; onRetry?: () => void };

/** An id that is no id is refused, not looked for. */
const isGone = (error: unknown): boolean => isProblem(error) && (error.status === 404 || error.status === 410 || error.status === 400);

export function NotHere({ error, back, onRetry }: Props) {
  const { t } = useTranslation();
  const go = useNavigate();
  if (!isGone(error)) return <Trouble error={error} onRetry={onRetry} />;
  return (
    <Panel>
      <Empty
        title={t('error.notHere')}
        why={t('error.notHereWhy')}
        action={
          <Button type="primary" onClick={() => void go(back.to)}>
            {t('error.goTo', { name: back.text })}
          </Button>
        }
      />
    </Panel>
  );
}
