/// The sentence for a problem: from the shared `problem` catalogue by code and params.
import type { TFunction } from 'i18next';
import i18next from 'i18next';
import { isProblem } from '@/api/problem';

const LOCAL = new Set(['network', 'internal']);

export function problemText(t: TFunction, error: unknown): { title: string; next: string | null } {
  if (!isProblem(error)) return { title: t('error.unknown'), next: t('error.reloadNext') };
  if (LOCAL.has(error.code)) return { title: t(`error.${error.code}`), next: t(`error.${error.code}Next`) };
  const entry = i18next.getResource(i18next.language, 'translation', `problem.${error.code}`) as unknown;
  if (typeof entry === 'string') return { title: t(`problem.${error.code}`, error.params), next: null };
  if (entry && typeof entry === 'object') {
    const part = (name: string) => (name in entry ? t(`problem.${error.code}.${name}`, error.params) : null);
    return { title: part('title') ?? error.code, next: [part('detail'), part('next')].filter(Boolean).join(' ') || null };
  }
  return { title: t('error.refused', { code: error.code }), next: error.detail ?? t('error.refusedNext') };
}
