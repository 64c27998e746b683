/// What people call the object of a log entry, where the entry's own states say it.
import type { AuditEntry } from '@/api/types';

/** Where each kind keeps its name; a number in it is masked. */
const NAMES = ['name', 'file_name', 'number'] as const;

function nameIn(state: unknown): string | null {
  if (typeof state !== 'object' || state === null) return null;
  const fields = state as Record<string, unknown>;
  const named = NAMES.map((key) => fields[key]).find((value) => typeof value === 'string' && value.trim() !== '');
  if (typeof named === 'string') return named.trim();
  const { contact } = fields;
  return contact ? nameIn(contact) : null;
}

/** The newer name first: it is the one a reader knows. */
export const objectName = ({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string | null => nameIn(after) ?? nameIn(before);
