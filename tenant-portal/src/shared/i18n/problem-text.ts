/// The sentence for a problem: from the shared `problem` catalogue by code and params.
import type { TFunction } from 'i18next';
import i18next from 'i18next';
import { isProblem } from '@/api/problem';

const LOCAL = new Set(['network']);

/** Variables whose values are keys, and the family of texts that says them. */
const FAMILY: Record<string, string> = { missing: 'missing', state: 'campaignState', known: 'category' };

/** A key in the reader's language; a value that is no key of its family is said as it is. */
function said(name: string, value: unknown): string {
  const family = FAMILY[name];
  if (family === undefined || typeof value !== 'string') return String(value);
  const words = value.split(', ').map((key) => (i18next.exists(`${family}.${key}`) ? i18next.t(`${family}.${key}`) : key));
  return words.join(i18next.t('common.and'));
}

/** Problem texts are shared with the server and write a variable as `{name}`. */
const filled = (text: string, params: Record<string, unknown>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? said(name, params[name]) : whole));

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
