import type { TFunction } from 'i18next';
import type { Window } from '@/api/types';

/** 周一至周五 09:00–12:00 */
export function windowText(t: TFunction, window: Window): string {
  const days = [...window.weekdays].sort((a, b) => a - b);
  const first = days[0] ?? 1;
  const last = days.at(-1) ?? first;
  const run = days.length > 2 && last - first === days.length - 1;
  const named = run ? t('week.span', { from: t(`week.${first}`), to: t(`week.${last}`) }) : days.map((d) => t(`week.${d}`)).join(t('week.and'));
  return `${days.length === 7 ? t('week.all') : named} ${window.from}–${window.to}`;
}
