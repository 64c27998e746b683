/// The agent's presence: said to the server every 10 s while this tab lives; closing the tab while online asks first.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '@/api/http';
import type { Presence, PresenceState } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import { useMe } from '@/shared/session';

export const PRESENCE = ['presence'] as const;
const BEAT_MS = 10_000;

export function usePresence() {
  const me = useMe().data?.user.id;
  const query = useQuery({
    queryKey: PRESENCE,
    queryFn: ({ signal }) => api.get<PageOf<Presence>>('/v1/presence', { signal }),
    staleTime: 30_000,
  });
  const mine = query.data?.items.find((p) => p.user.id === me);
  return { state: mine?.state ?? ('offline' as PresenceState), since: mine?.since ?? null, loading: query.isPending };
}

export function useSetPresence() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (state: PresenceState) => api.put('/v1/presence', { state }),
    onSettled: () => client.invalidateQueries({ queryKey: PRESENCE }),
  });
}

/** Keeps telling the server the state while it is not offline. */
export function useHeartbeat(state: PresenceState): void {
  useEffect(() => {
    if (state === 'offline') return;
    const beat = () => void api.put('/v1/presence', { state }).catch(() => undefined);
    const timer = setInterval(beat, BEAT_MS);
    const ask = (e: BeforeUnloadEvent) => {
      if (state === 'online') e.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      clearInterval(timer);
      removeEventListener('beforeunload', ask);
    };
  }, [state]);
}
