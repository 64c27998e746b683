import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { Alert } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';

export const ALERTS = ['alerts'] as const;

/** Alerts that stand and have not been acknowledged, kept fresh by events. */
export function useOpenAlerts() {
  const client = useQueryClient();
  useEvents(['alert.raised', 'alert.closed', 'reset'], () => void client.invalidateQueries({ queryKey: ALERTS }));
  return useQuery({
    queryKey: [...ALERTS, 'open'],
    queryFn: ({ signal }) => api.get<PageOf<Alert>>('/v1/alerts', { query: { open: true, limit: 50 }, signal }),
    refetchInterval: 60_000,
  });
}

export function useAcknowledge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.post('/v1/alerts/{id}/acknowledge', undefined, { path: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ALERTS }),
  });
}
