/// The period of a report: so many days up to now, or from one day to another, either of them open.
import dayjs from 'dayjs';

export type PeriodChoice = { days: string; from: string; to: string };
/** `to` is excluded. */
export type Period = { from: string | null; to: string | null };

export const DAY = 'YYYY-MM-DD';

export function periodOf({ days, from, to }: PeriodChoice): Period {
  if (days) return { from: dayjs().startOf('day').subtract(Number(days) - 1, 'day').toISOString(), to: null };
  return {
    from: from ? dayjs(from).startOf('day').toISOString() : null,
    to: to ? dayjs(to).startOf('day').add(1, 'day').toISOString() : null,
  };
}

/** The first and the last day of the period, as people name them; null where it is open. */
export function daysOf(choice: PeriodChoice): { first: string | null; last: string | null } {
  if (choice.days) return { first: dayjs().subtract(Number(choice.days) - 1, 'day').format(DAY), last: dayjs().format(DAY) };
  return { first: choice.from || null, last: choice.to || null };
}
