import type { LabelRef, Report } from '@/api/types';

/** Every label that occurs, in the order of the total. */
export function labelsOf(report: Report): LabelRef[] {
  const seen = new Map<string, LabelRef>();
  for (const line of [report.total, ...report.items]) for (const l of line.labels) if (!seen.has(l.key)) seen.set(l.key, { key: l.key, name: l.name });
  return [...seen.values()];
}

/** Those of them that anybody has: a column of zeros takes the room of the campaigns' names. */
export const labelsHad = (report: Report): LabelRef[] => {
  const had = new Set([report.total, ...report.items].flatMap((line) => line.labels.filter((l) => l.count > 0).map((l) => l.key)));
  return labelsOf(report).filter((l) => had.has(l.key));
};
