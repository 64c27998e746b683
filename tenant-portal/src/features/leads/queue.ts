/// The order in which an agent works: appointments that came due, offers, accepted leads, then follow-ups by their time.
import type { Lead } from '@/api/types';

export type Tab = 'todo' | 'following' | 'closed';

const RANK: Record<Lead['status'], number> = { offered: 0, accepted: 1, following: 2, waiting: 3, won: 4, dropped: 4 };

/** A follow-up whose time has come. */
export const isDue = (lead: Lead, now: number): boolean => lead.status === 'following' && lead.next_at != null && new Date(lead.next_at).getTime() <= now;

export const tabOf = (lead: Lead, now: number): Tab | null =>
  isDue(lead, now) || lead.status === 'offered' || lead.status === 'accepted' ? 'todo' : lead.status === 'following' ? 'following' : lead.status === 'waiting' ? null : 'closed';

export const ordered = (leads: Lead[], now: number): Lead[] =>
  [...leads].sort(
    (a, b) =>
      Number(isDue(b, now)) - Number(isDue(a, now)) ||
      RANK[a.status] - RANK[b.status] ||
      (a.status === 'following' ? (a.next_at ?? '9999').localeCompare(b.next_at ?? '9999') : b.created_at.localeCompare(a.created_at)),
  );

/** What to open after `done` is saved: the next lead that needs the agent now; a follow-up before its time does not. */
export const nextAfter = (leads: Lead[], done: string, now: number): Lead | undefined => {
  return ordered(leads, now).find((l) => l.id !== done && tabOf(l, now) === 'todo');
};
