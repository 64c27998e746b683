/// A list that events outdate, asked again at most every few seconds however many there are.
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { DEEP_EVERY_MS, isDeep } from './pages';

const EVERY_MS = 3_000;

/** The first call refreshes at once, those in the next seconds (of a long list, half a minute) together at their end. A refresh under way is let finish. */
export function useRefresh(key: QueryKey, everyMs = EVERY_MS): () => void {
  const client = useQueryClient();
  const latest = useRef(key);
  const last = useRef(-Infinity);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    latest.current = key;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) return;
    const refresh = () => {
      timer.current = undefined;
      last.current = Date.now();
      void client.invalidateQueries({ queryKey: latest.current }, { cancelRefetch: false });
    };
    const deep = client.getQueriesData({ queryKey: latest.current, type: 'active' }).some(([, data]) => isDeep(data));
    const wait = last.current + (deep ? Math.max(everyMs, DEEP_EVERY_MS) : everyMs) - Date.now();
    if (wait <= 0) refresh();
    else timer.current = setTimeout(refresh, wait);
  }, [client, everyMs]);
}
