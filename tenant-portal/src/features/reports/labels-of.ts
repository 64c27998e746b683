import type { LabelRef, Report } from '@/api/types';

/** Every label that occurs, in the order of the total. */
export function labelsOf(report: Report): LabelRef[] {
  const seen = new Map<string, LabelRef>();
  for (const line of [report.total, ...report.items]) for (const l of line.labels) if (!seen.has(l.key)) seen.set(l.key, { key: l.key, name: l.name });
  return [...seen.values()];
}
