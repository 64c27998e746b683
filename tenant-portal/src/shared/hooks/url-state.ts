/// Filters live in the address, so that a view can be reloaded, sent and gone back to. A phone number is kept out of it:
/// addresses are sent, logged and remembered.
import { useCallback, useEffect } from 'react';
import { useLocation, useSearchParams } from 'react-router';

type Kept = Readonly<Record<string, string>>;
type Change<K extends string> = (change: Partial<Record<K, string | null>>) => void;

/** So many digits may be somebody's number. */
const DIGITS = 7;
const mayBeNumber = (text: string): boolean => text.replace(/\D/g, '').length >= DIGITS;

const NONE: readonly string[] = [];

/** Of the filters named in `searched` people may type a number: such a one stays with the entry of the history. */
export function useUrlState<K extends string>(names: readonly K[], searched: readonly K[] = NONE as readonly K[]): [Record<K, string>, Change<K>] {
  const [params, setParams] = useSearchParams();
  const kept = (useLocation().state as { kept?: Kept } | null)?.kept;
  const state = Object.fromEntries(names.map((n) => [n, (searched.includes(n) ? kept?.[n] : undefined) ?? params.get(n) ?? ''])) as Record<K, string>;
  const change = useCallback(
    (next: Partial<Record<K, string | null>>) => {
      const keep: Record<string, string> = { ...kept };
      const said = (Object.entries(next) as [K, string | null | undefined][]).map(([name, value]) => {
        delete keep[name];
        const hidden = value && searched.includes(name) && mayBeNumber(value);
        if (hidden) keep[name] = value;
        return [name, hidden ? null : value] as const;
      });
      setParams(
        (old) => {
          const merged = new URLSearchParams(old);
          for (const [name, value] of said) {
            if (value) merged.set(name, value);
            else merged.delete(name);
          }
          return merged;
        },
        { replace: true, state: Object.keys(keep).length > 0 ? { kept: keep } : undefined },
      );
    },
    [setParams, kept, searched],
  );
  // An address that somebody wrote with a number in it.
  const written = searched.find((n) => mayBeNumber(params.get(n) ?? ''));
  useEffect(() => {
    if (written) change({ [written]: params.get(written) } as Partial<Record<K, string>>);
  }, [written, params, change]);
  return [state, change];
}
