import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { CallDetail, Peaks } from '@/api/types';

export const CALLS = ['calls'] as const;

/** One call with its turns; asked again while its recording is still on the way. */
export const useCall = (id: string | null) =>
  useQuery({
    queryKey: [...CALLS, 'one', id],
    queryFn: ({ signal }) => api.get<CallDetail>('/v1/calls/{id}', { path: { id: id ?? '' }, signal }),
    enabled: id !== null,
    refetchInterval: (q) => (q.state.data?.recording?.state === 'pending' ? 3_000 : false),
  });

export const usePeaks = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: [...CALLS, 'peaks', id],
    queryFn: ({ signal }) => api.get<Peaks>('/v1/calls/{id}/peaks', { path: { id }, query: { n: 1000 }, signal }),
    enabled,
    staleTime: Infinity,
  });
