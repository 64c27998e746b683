/// The calls of one campaign as they happen: the server's list, then each event on top of it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useEvents, type LiveEvent } from '@/api/events';
import { api } from '@/api/http';
import type { LiveCall, LiveState, Turn } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import { CAMPAIGNS, listOf } from './api';

export type Watched = LiveCall & { hearing?: string; saying?: string };
export type Board = ReadonlyMap<string, Watched>;

/** Applies events in order; an ended call leaves the board. */
export function applied(board: Board, campaign: string, events: Pick<LiveEvent, 'type' | 'data'>[]): Board {
  const next = new Map(board);
  for (const { type, data } of events) {
    if (data.campaign_id !== campaign) continue;
    const id = String(data.call_id);
    const known = next.get(id);
    if (type === 'call.state') {
      const state = data.state as LiveState;
      if (state === 'ended') next.delete(id);
      else
        next.set(id, {
          call_id: id,
          contact_id: String(data.contact_id),
          contact_name: String(data.contact_name),
          number: String(data.number),
          state,
          since: known?.state === state ? known.since : String(data.at),
          last_turn: known?.last_turn,
        });
    } else if (known && type === 'call.turn') next.set(id, { ...known, last_turn: data.turn as Turn, hearing: undefined, saying: undefined });
    else if (known && type === 'call.hearing') next.set(id, { ...known, hearing: String(data.text) });
    else if (known && type === 'call.saying') next.set(id, { ...known, saying: String(data.text) });
  }
  return next;
}

export const boardOf = (calls: LiveCall[]): Board => new Map(calls.filter((c) => c.state !== 'ended').map((c) => [c.call_id, c]));

/** `held`: while the pointer rests on the list it stands still, so that it can be read. */
export function useLiveCalls(campaign: string, held: boolean): { calls: Watched[]; error: unknown; loading: boolean } {
  const [board, setBoard] = useState<Board>(new Map());
  const [shown, setShown] = useState<Board>(board);
  const query = useQuery({
    queryKey: [...CAMPAIGNS, 'live', campaign],
    queryFn: async ({ signal }) => listOf(await api.get<PageOf<LiveCall> | LiveCall[]>('/v1/campaigns/{id}/live', { path: { id: campaign }, signal })),
    refetchInterval: 5_000,
  });
  const fresh = query.data;
  const last = useRef<LiveCall[] | undefined>(undefined);
  useEffect(() => {
    if (!fresh || fresh === last.current) return;
    last.current = fresh;
    setBoard((old) => new Map([...boardOf(fresh)].map(([id, c]) => [id, { ...c, hearing: old.get(id)?.hearing, last_turn: c.last_turn ?? old.get(id)?.last_turn }])));
  }, [fresh]);
  useEvents(['call.state', 'call.turn', 'call.hearing', 'call.saying'], (events) => setBoard((old) => applied(old, campaign, events)));
  if (!held && shown !== board) setShown(board);
  return { calls: [...shown.values()], error: query.error, loading: query.isPending };
}
