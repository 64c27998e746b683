/// Filters live in the address, so that a view can be reloaded, sent and gone back to.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export function useUrlState<K extends string>(names: readonly K[]): [Record<K, string>, (change: Partial<Record<K, string | null>>) => void] {
  const [params, setParams] = useSearchParams();
  const state = Object.fromEntries(names.map((n) => [n, params.get(n) ?? ''])) as Record<K, string>;
  const change = useCallback(
    (next: Partial<Record<K, string | null>>) =>
      setParams(
        (old) => {
          const merged = new URLSearchParams(old);
          for (const [name, value] of Object.entries(next) as [K, string | null | undefined][]) {
            if (value) merged.set(name, value);
            else merged.delete(name);
          }
          return merged;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [state, change];
}
