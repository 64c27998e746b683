/// What is said of each cell of a preview: the server's verdict, and which number stands twice among the rows shown.
import type { TFunction } from 'i18next';
import type { ImportPreview } from '@/api/types';
import { word } from '@/shared/domain/tags';

export type Verdict = { tone: 'bad' | 'warn'; why: string };
type Fields = Record<number, string | null>;

/** A preview has at most this many rows; one of fewer shows the whole file. */
const MOST = 20;

export const isWhole = (preview: Pick<ImportPreview, 'rows'>): boolean => preview.rows.length < MOST;

/** The server judged the columns as it guessed them: of a column that the person gave another meaning it says nothing. */
export function verdictsOf(t: TFunction, { columns, rows }: Pick<ImportPreview, 'columns' | 'rows'>, fields: Fields): (Verdict | null)[][] {
  // Numbers are shown masked: alike is not yet the same, and a number that is refused is none.
  const seen = new Map<string, number>();
  return rows.map((row, i) =>
    row.map((cell, j): Verdict | null => {
      const field = fields[columns[j]?.index ?? j] ?? null;
      const judged = field === (columns[j]?.field ?? null) && cell.verdict !== 'ok' && cell.code;
      const verdict: Verdict | null = judged ? { tone: cell.verdict === 'error' ? 'bad' : 'warn', why: word('rowError', judged) } : null;
      if (field !== 'number' || verdict?.tone === 'bad' || !cell.value.includes('*')) return verdict;
      const number = cell.value.replace(/[^\d*]/g, '');
      const first = seen.get(number);
      // The first row is the header, as the file's own program counts.
      if (first === undefined) seen.set(number, i + 2);
      return first === undefined ? verdict : { tone: 'warn', why: t('imports.sameAs', { n: first }) };
    }),
  );
}
