import type { TFunction } from 'i18next';
import i18next from 'i18next';
import type { Alert } from '@/api/types';
import type { Tone } from '@/shared/ui/StatusTag';

export const alertTone = (level: Alert['level']): Tone => (level === 'urgent' ? 'danger' : level === 'warning' ? 'warning' : 'neutral');

/** What happened, in a sentence. A code this portal does not know is shown as it is. */
export const alertText = (t: TFunction, alert: Pick<Alert, 'code' | 'params'>): string =>
  i18next.exists(`alerts.code.${alert.code}`) ? t(`alerts.code.${alert.code}`, alert.params) : t('alerts.unknown', { code: alert.code });
