/// What a log entry says was changed, field by field, in the reader's words.
import i18next from 'i18next';
import type { AuditEntry, Window } from '@/api/types';
import { word } from '@/shared/domain/tags';
import { count, DASH, time } from '@/shared/format/format';
import { windowText } from '@/shared/format/window';
import { shortId } from '@/shared/ui/ShortId';

export type Change = { field: string; before: string; after: string };
type Fields = Record<string, unknown>;
type NameOf = (id: string) => string | null;

/** What every state carries and nobody changes by hand. */
const UNSAID = new Set(['id', 'created_at', 'updated_at', 'counters', 'color', 'seeded', 'draft', 'own', 'live', 'free', 'calls', 'version_id']);

/** Values that are keys, and the families of texts that say them; the first that knows the key does. */
const FAMILIES: Record<string, string[]> = {
  role: ['role'],
  state: ['campaignState', 'presence', 'trunkState', 'edgeState'],
  status: ['leadStatus'],
  kind: ['trunkKind'],
  category: ['category'],
  call_status: ['callStatus'],
  number_type: ['numberType'],
  source: ['blacklistSource'],
  policy: ['auditValue'],
  calls_in_progress: ['auditValue'],
};

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isWindow = (value: Fields): value is Window => Array.isArray(value.weekdays) && typeof value.from === 'string' && typeof value.to === 'string';
const isId = (text: string): boolean => /^[a-z]{3}_[0-9a-z]{10,}$/.test(text);
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:/.test(text);

function said(field: string, value: unknown, nameOf: NameOf): string {
  if (value === null || value === undefined || value === '') return DASH;
  if (typeof value === 'boolean') return i18next.t(value ? 'common.yes' : 'common.no');
  if (typeof value === 'number') return count(value);
  if (typeof value === 'string') {
    const family = FAMILIES[field]?.find((f) => i18next.exists(`${f}.${value}`));
    if (family) return word(family, value);
    if (isId(value)) return nameOf(value) ?? shortId(value);
    return isTime(value) ? time(value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => said(field, one, nameOf)).join(i18next.t(value.some(isFields) ? 'common.then' : 'common.and')) || DASH;
  if (!isFields(value)) return String(value);
  if (isWindow(value)) return windowText(i18next.t, value);
  if (typeof value.name === 'string' && value.name) return value.name;
  return (
    Object.entries(value)
      .filter(([key]) => !UNSAID.has(key))
      .map(([key, inner]) => `${word('auditField', key)} ${said(key, inner, nameOf)}`)
      .join(i18next.t('common.then')) || DASH
  );
}

/** Of a change the fields that differ; of something new or gone all that it says. */
export function changesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>, nameOf: NameOf): Change[] {
  const [old, now] = [isFields(before) ? before : {}, isFields(after) ? after : {}];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((field) => !UNSAID.has(field));
  return fields
    .map((field) => ({ field: word('auditField', field), before: said(field, old[field], nameOf), after: said(field, now[field], nameOf) }))
    .filter((change) => change.before !== change.after);
}
