/// A list that arrives by cursor, as one flat array.
import { keepPreviousData, useInfiniteQuery, useQueryClient, type InfiniteData, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api } from '@/api/http';

export type PageOf<T> = { items: T[]; next_cursor?: string | null };
type Query = Record<string, string | number | boolean | null | undefined>;

/** A list of more pages than these is read, not watched: asking for all of them again is rarer. */
const WATCHED_PAGES = 3;
/** A list that is read is asked for again so far after a change, so that few lose their place in it. */
const READ_PAGES = 20;
export const DEEP_EVERY_MS = 30_000;

const depthOf = (data: unknown): number => {
  const pages = (data as { pages?: unknown[] } | undefined)?.pages;
  return Array.isArray(pages) ? pages.length : 0;
};
export const isDeep = (data: unknown): boolean => depthOf(data) > WATCHED_PAGES;

/** Gives up the pages of each list behind the first `most`: a list is asked for again page by page. */
function cut(client: QueryClient, queryKey: QueryKey, most: number, type: 'active' | 'inactive'): void {
  for (const query of client.getQueryCache().findAll({ queryKey, type, predicate: ({ state }) => depthOf(state.data) > most })) {
    const { pages, pageParams } = query.state.data as InfiniteData<unknown>;
    client.setQueryData(query.queryKey, { pages: pages.slice(0, most), pageParams: pageParams.slice(0, most) }, { updatedAt: query.state.dataUpdatedAt });
  }
}

/** Asks for all that a change outdated, and waits for none of it. */
export function outdate(client: QueryClient, keys: QueryKey[]): void {
  for (const queryKey of keys) {
    cut(client, queryKey, READ_PAGES, 'active');
    cut(client, queryKey, WATCHED_PAGES, 'inactive');
    void client.invalidateQueries({ queryKey });
  }
}

export function usePages<T>(key: QueryKey, path: string, query: Query, options: { limit?: number; refetchInterval?: number; enabled?: boolean } = {}) {
  const { limit = 100, refetchInterval, enabled } = options;
  const client = useQueryClient();
  const base = JSON.stringify(key);
  const result = useInfiniteQuery({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) => api.get<PageOf<T>>(path, { query: { ...query, limit, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: ({ state }) => !isDeep(state.data),
    refetchInterval: refetchInterval && (({ state }) => (isDeep(state.data) ? Math.max(refetchInterval, DEEP_EVERY_MS) : refetchInterval)),
    enabled,
  });
  // A list that is left is begun anew.
  useEffect(() => () => cut(client, JSON.parse(base) as QueryKey, WATCHED_PAGES, 'inactive'), [client, base]);
  const rows = useMemo(() => result.data?.pages.flatMap((p) => p.items) ?? [], [result.data]);
  const more = () => void (result.isFetching || result.fetchNextPage());
  return {
    rows,
    error: rows.length === 0 ? result.error : null,
    /** There are rows beyond those loaded, also where asking for them failed. */
    hasMore: result.hasNextPage,
    refetch: () => void result.refetch(),
    /** How far the list has come, for its table. */
    table: {
      loading: result.isPending || result.isFetchingNextPage,
      dim: result.isPlaceholderData,
      hasMore: result.hasNextPage,
      failed: result.isFetchNextPageError && !result.isFetchingNextPage,
      onMore: more,
    },
  };
}
