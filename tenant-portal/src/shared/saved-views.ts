/// Filters of a list that a person saved under a name, in this browser. What is typed into a search box is never among
/// them: it may be somebody's number.
import { useMemo } from 'react';
import { create } from 'zustand';
import { usePerson } from './session';

export type View = { name: string; filters: Readonly<Record<string, string>> };
/** By person and list. */
type Kept = Readonly<Record<string, readonly View[]>>;

export const VIEWS_MOST = 20;
export const NAME_MOST = 20;

const KEY = 'bellbird.views';
const NONE: readonly View[] = [];

function read(): Kept {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Kept;
  } catch {
    return {};
  }
}

const useKept = create<Kept>(read);
// What another tab saved or removed.
window.addEventListener('storage', (e) => e.key === KEY && useKept.setState(read(), true));

function change(place: string, next: (views: readonly View[]) => readonly View[]): void {
  const kept = read();
  const all = { ...kept, [place]: next(kept[place] ?? NONE) };
  localStorage.setItem(KEY, JSON.stringify(all));
  useKept.setState(all, true);
}

/** The views of the person signed in. A name is used once: saving under it again replaces its filters. */
export function useSavedViews(list: string) {
  const place = `${usePerson()}/${list}`;
  const views = useKept((kept) => kept[place] ?? NONE);
  return useMemo(
    () => ({
      views,
      save: (view: View) =>
        change(place, (old) => (old.some((v) => v.name === view.name) ? old.map((v) => (v.name === view.name ? view : v)) : [...old, view].slice(0, VIEWS_MOST))),
      remove: (name: string) => change(place, (old) => old.filter((v) => v.name !== name)),
      /** Takes back a removal, to the same place. */
      restore: (view: View, at: number) => change(place, (old) => (old.some((v) => v.name === view.name) ? old : [...old.slice(0, at), view, ...old.slice(at)].slice(0, VIEWS_MOST))),
    }),
    [views, place],
  );
}
