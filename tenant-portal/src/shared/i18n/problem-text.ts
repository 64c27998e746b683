/// The sentence for a problem: from the shared `problem` catalogue by code and params.
import type { TFunction } from 'i18next';
import i18next from 'i18next';
import { isProblem } from '@/api/problem';

const LOCAL = new Set(['network']);

/** Problem texts are shared with the server and write a variable as `{name}`. */
const filled = (text: string, params: Record<string, unknown>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));

/** The sentence for a code with its params, or null where the catalogue does not know it. */
export function codeText(code: string, params: Record<string, unknown> = {}): string | null {
  const entry = i18next.getResource(i18next.language, 'translation', `problem.${code}`) as unknown;
  return typeof entry === 'string' ? filled(entry, params) : null;
}

export function problemText(t: TFunction, error: unknown): { title: string; next: string | null } {
  if (!isProblem(error)) return { title: t('error.unknown'), next: t('error.reloadNext') };
  if (LOCAL.has(error.code)) return { title: t('error.network'), next: t('error.networkNext') };
  const known = codeText(error.code, error.params) ?? error.detail;
  if (known) return { title: known, next: null };
  if (error.status >= 500) return { title: t('error.internal'), next: t('error.internalNext') };
  return { title: t('error.refused', { code: error.code }), next: t('error.refusedNext') };
}
