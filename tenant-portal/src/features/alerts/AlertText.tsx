import { useTranslation } from 'react-i18next';
import type { Alert } from '@/api/types';
import { time } from '@/shared/format/format';
import { alertText } from './alert-text';

/** What happened, where to look, and when. */
export function AlertText({ alert, to, go }: { alert: Alert; to: string | null; go: (to: string) => void }) {
  const { t } = useTranslation();
  const text = alertText(t, alert);
  return (
    <>
      {to ? (
        <button type="button" className="bb-link bb-alert-link" onClick={() => go(to)}>
          {text}
        </button>
      ) : (
        text
      )}
      <br />
      <small className="bb-muted">{time(alert.raised_at)}</small>
    </>
  );
}
