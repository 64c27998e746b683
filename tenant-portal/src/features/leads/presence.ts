/// The agent's presence: said to the server every 10 s while a tab lives; closing the tab while online asks first.
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { serverNow } from '@/api/clock';
import { api } from '@/api/http';
import type { Presence, PresenceState } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import { useMe } from '@/shared/session';
import { choose, chosen, forgetIfStale, inTurn, whenChosen } from './choice';

export const PRESENCE = ['presence'] as const;
const BEAT_MS = 10_000;

export const useMyId = (): string => useMe().data?.user.id ?? '';

export function usePresence() {
  const me = useMyId();
  const query = useQuery({
    queryKey: PRESENCE,
    queryFn: ({ signal }) => api.get<PageOf<Presence>>('/v1/presence', { signal }),
    staleTime: 30_000,
  });
  const mine = query.data?.items.find((p) => p.user.id === me);
  return { state: mine?.state ?? ('offline' as PresenceState), since: mine?.since ?? null, loading: query.isPending };
}

/** The own row as it is now; an agent's list holds no other. */
const show = (client: QueryClient, mine: Presence): void => void client.setQueryData<PageOf<Presence>>(PRESENCE, { items: [mine] });

/** Every agent, for those who lead them. */
export const useAgents = (enabled: boolean) =>
  useQuery({
    queryKey: PRESENCE,
    queryFn: ({ signal }) => api.get<PageOf<Presence>>('/v1/presence', { signal }),
    refetchInterval: 10_000,
    enabled,
  });

export function useSetPresence() {
  const client = useQueryClient();
  const me = useMyId();
  return useMutation({
    mutationFn: async (state: PresenceState) => {
      const before = chosen(me);
      choose(me, state);
      try {
        return await inTurn(() => api.put<Presence>('/v1/presence', { state }));
      } catch (error) {
        if (chosen(me) === state) choose(me, before ?? 'offline');
        throw error;
      }
    },
    onSuccess: (mine) => show(client, mine),
    onError: () => client.invalidateQueries({ queryKey: PRESENCE }),
  });
}

/** Says once more what the person chose; nothing where that is to be away, or was chosen on another machine. */
export async function beat(client: QueryClient, me: string): Promise<void> {
  await inTurn(async () => {
    const state = chosen(me);
    if (!state || state === 'offline') return;
    const mine = await api.put<Presence>('/v1/presence', { state });
    // Somebody may have chosen anew while this was on its way.
    if (chosen(me) !== state) return;
    choose(me, state);
    show(client, mine);
  });
}

function clock(act: () => void): () => void {
  if (typeof Worker === 'undefined') {
    const timer = setInterval(act, BEAT_MS);
    return () => clearInterval(timer);
  }
  const worker = new Worker(new URL('./beat.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = act;
  return () => worker.terminate();
}

/** Keeps telling the server what the person chose while this tab lives. */
function useHeartbeat(): void {
  const client = useQueryClient();
  const me = useMyId();
  const online = usePresence().state === 'online';
  useEffect(() => {
    if (!me) return;
    forgetIfStale(me);
    const stop = clock(() => void beat(client, me).catch(() => undefined));
    const deaf = whenChosen(me, (state) =>
      client.setQueryData<PageOf<Presence>>(PRESENCE, (old) => old && { ...old, items: old.items.map((p) => (p.user.id === me && p.state !== state ? { ...p, state, since: new Date(serverNow()).toISOString() } : p)) }),
    );
    return () => {
      stop();
      deaf();
    };
  }, [client, me]);
  useEffect(() => {
    if (!online) return;
    const ask = (e: BeforeUnloadEvent) => e.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [online]);
}

/** Once per tab, on every page of an agent. */
export function Heartbeat(): null {
  useHeartbeat();
  return null;
}

/** Signing out is going home: no offer is dealt to an empty chair. */
export async function leave(me: string): Promise<void> {
  const state = chosen(me);
  if (!state || state === 'offline') return;
  choose(me, 'offline');
  await inTurn(() => api.put('/v1/presence', { state: 'offline' })).catch(() => undefined);
}
