import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { Campaign, CampaignCheck, CampaignLogEntry, CampaignState, Retry, Window } from '@/api/types';
import { changed } from './changed';
import { usePages, type PageOf } from '@/shared/hooks/pages';

export const CAMPAIGNS = ['campaigns'] as const;

export type CampaignDraft = {
  name: string;
  remark: string;
  group_id: string;
  script_id: string;
  trunk_id: string;
  windows: Window[];
  max_calls: number;
  retry: Retry;
};
export type Verb = 'start' | 'pause' | 'resume' | 'stop' | 'restart' | 'copy';

/** What may be done to a campaign in a state. */
export const VERBS: Record<CampaignState, Verb[]> = {
  draft: ['start', 'copy'],
  ready: ['start', 'copy'],
  running: ['pause', 'stop', 'copy'],
  paused: ['resume', 'stop', 'copy'],
  stopped: ['restart', 'copy'],
  completed: ['restart', 'copy'],
};

/** One campaign, kept fresh by its events; the counters ride on the event itself. */
export function useCampaign(id: string) {
  const client = useQueryClient();
  const key = [...CAMPAIGNS, 'one', id];
  useEvents(['campaign.changed', 'reset'], (events) => {
    const last = events.filter((e) => e.data.campaign_id === id).at(-1);
    if (last) client.setQueryData<Campaign>(key, (campaign) => changed(campaign, last));
    if (events.some((e) => e.type === 'reset')) void client.invalidateQueries({ queryKey: key });
  });
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Campaign>('/v1/campaigns/{id}', { path: { id }, signal }),
    refetchInterval: ({ state }) => state.data !== undefined && (state.data.state === 'running' ? 5_000 : 30_000),
  });
}

export function useVerb() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb, body }: { id: string; verb: Verb; body?: unknown }) => api.post<Campaign | undefined>(`/v1/campaigns/{id}/${verb}`, body, { path: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: CAMPAIGNS }),
  });
}

export const saveCampaign = (id: string | null, draft: CampaignDraft): Promise<Campaign> =>
  id ? api.patch('/v1/campaigns/{id}', draft, { path: { id } }) : api.post('/v1/campaigns', draft);

export const useCheck = (id: string | null, stamp: number) =>
  useQuery({
    queryKey: [...CAMPAIGNS, 'check', id, stamp],
    queryFn: ({ signal }) => api.get<CampaignCheck>('/v1/campaigns/{id}/check', { path: { id: id ?? '' }, signal }),
    enabled: id !== null,
    staleTime: 0,
  });

/** Newest first; what is older comes on demand. */
export const useLog = (id: string) => usePages<CampaignLogEntry>([...CAMPAIGNS, 'log', id], `/v1/campaigns/${id}/log`, {}, { limit: 50, refetchInterval: 5_000 });

export const listOf = <T>(answer: PageOf<T> | T[]): T[] => (Array.isArray(answer) ? answer : answer.items);
