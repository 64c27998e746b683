import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { FollowUp, Lead, LeadStatus } from '@/api/types';
import { usePages, type PageOf } from '@/shared/hooks/pages';

export const LEADS = ['leads'] as const;

export type FollowUpDraft = { result: string; note: string; status: FollowUp['status']; next_at?: string | null };
export type ContactChange = { name?: string; remark?: string; fields?: Record<string, string> };

const OPEN = ['offered', 'accepted', 'following'] as const;
/** Rows of a queue that are drawn before the person asks for more. */
export const SHOWN = 50;
const PAGE = 200;
const PAGES_MOST = 10;

/** Every page of one state, up to a bound. */
export async function allOf(status: LeadStatus, signal: AbortSignal): Promise<Lead[]> {
  const leads: Lead[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const answer: PageOf<Lead> = await api.get<PageOf<Lead>>('/v1/leads', { query: { status, limit: PAGE, cursor }, signal });
    leads.push(...answer.items);
    cursor = answer.next_cursor ?? null;
    if (cursor === null) break;
  }
  return leads;
}

/** The agent's own leads that are still open. */
export function useMyLeads() {
  const client = useQueryClient();
  useEvents(['lead.offered', 'lead.changed', 'reset'], () => void client.invalidateQueries({ queryKey: LEADS }));
  return useQuery({
    queryKey: [...LEADS, 'mine'],
    queryFn: async ({ signal }) => (await Promise.all(OPEN.map((status) => allOf(status, signal)))).flat(),
    refetchInterval: 15_000,
  });
}

/** The agent's closed leads, asked for only where they are looked at. */
export function useClosedLeads(enabled: boolean) {
  const options = { limit: SHOWN, enabled };
  const won = usePages<Lead>([...LEADS, 'closed'], '/v1/leads', { status: 'won' }, options);
  const dropped = usePages<Lead>([...LEADS, 'closed'], '/v1/leads', { status: 'dropped' }, options);
  const both = [won, dropped];
  return {
    rows: [...won.rows, ...dropped.rows],
    error: won.error ?? dropped.error,
    loading: both.some((p) => p.table.loading),
    hasMore: both.some((p) => p.hasMore),
    more: () => both.forEach((p) => p.hasMore && p.table.onMore()),
    refetch: () => both.forEach((p) => p.refetch()),
  };
}

export const useLead = (id: string | null) =>
  useQuery({ queryKey: [...LEADS, 'one', id], queryFn: ({ signal }) => api.get<Lead>('/v1/leads/{id}', { path: { id: id ?? '' }, signal }), enabled: id !== null });

export const useFollowUps = (id: string) =>
  useQuery({
    queryKey: [...LEADS, 'follow-ups', id],
    queryFn: async ({ signal }) => {
      const answer = await api.get<PageOf<FollowUp> | FollowUp[]>('/v1/leads/{id}/follow-ups', { path: { id }, signal });
      return Array.isArray(answer) ? answer : answer.items;
    },
  });

/** What was asked of a lead that is somebody else's now. */
export const forgetLead = (client: QueryClient, id: string): void => ['one', 'follow-ups'].forEach((part) => client.removeQueries({ queryKey: [...LEADS, part, id] }));

export function useLeadChange<V, R>(change: (value: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationKey: LEADS, mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: LEADS }) });
}

export const acceptLead = (id: string): Promise<unknown> => api.post('/v1/leads/{id}/accept', undefined, { path: { id } });
export const revealNumber = (id: string, reason: string): Promise<{ number: string; expires_in_s: number }> =>
  api.post('/v1/leads/{id}/reveal', { reason }, { path: { id } });
export const changeContact = (id: string, change: ContactChange): Promise<unknown> => api.patch('/v1/leads/{id}/contact', change, { path: { id } });
export const addFollowUp = (id: string, draft: FollowUpDraft): Promise<unknown> => api.post('/v1/leads/{id}/follow-ups', draft, { path: { id } });
