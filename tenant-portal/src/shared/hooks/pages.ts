/// A list that arrives by cursor, as one flat array.
import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/http';

export type PageOf<T> = { items: T[]; next_cursor?: string | null };
type Query = Record<string, string | number | boolean | null | undefined>;

/** A list of more pages than these is read, not watched: asking for all of them again is rarer. */
const WATCHED_PAGES = 3;
export const DEEP_EVERY_MS = 30_000;

export const isDeep = (data: unknown): boolean => {
  const pages = (data as { pages?: unknown[] } | undefined)?.pages;
  return Array.isArray(pages) && pages.length > WATCHED_PAGES;
};

export function usePages<T>(key: QueryKey, path: string, query: Query, options: { limit?: number; refetchInterval?: number; enabled?: boolean } = {}) {
  const { limit = 100, refetchInterval, enabled } = options;
  const result = useInfiniteQuery({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) => api.get<PageOf<T>>(path, { query: { ...query, limit, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
    refetchInterval: refetchInterval && (({ state }) => (isDeep(state.data) ? Math.max(refetchInterval, DEEP_EVERY_MS) : refetchInterval)),
    enabled,
  });
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
