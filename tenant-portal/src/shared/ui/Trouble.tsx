/// What went wrong, why, what to do next, and the request id to quote.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { problemText } from '@/shared/i18n/problem-text';

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { title, next } = problemText(t, error);
  return (
    <div className="bb-trouble" role="alert">
      <b>{title}</b>
      {next && <p>{next}</p>}
      {isProblem(error) && error.requestId && <small>{t('error.requestId', { id: error.requestId })}</small>}
      {onRetry && (
        <Button size="small" style={{ marginTop: 8 }} onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
    </div>
  );
}
