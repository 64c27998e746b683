/// Short lists that many pages choose from.
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Campaign, Group, Label, Script, Trunk, User } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import { useGranted } from '@/shared/session';

type Area = 'groups' | 'labels' | 'scripts' | 'trunks' | 'campaigns' | 'users';

/** More than anybody chooses from, and an end for the asking. */
const MOST = 2_000;

async function everyPage<T>(path: string, query: Record<string, boolean>, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await api.get<PageOf<T>>(path, { query: { ...query, limit: 200, cursor }, signal });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < MOST);
  return items;
}

/** All of a kind, for a select with search. Not asked where the role may not see them. */
function useAll<T>(area: Area, query: Record<string, boolean> = {}, staleTime = 30_000) {
  const granted = useGranted();
  return useQuery({
    queryKey: [area, 'all', ...Object.keys(query)],
    queryFn: ({ signal }) => everyPage<T>(`/v1/${area}`, query, signal),
    enabled: granted.includes(area === 'groups' ? 'contacts.read' : `${area}.read`),
    staleTime,
  });
}

/** Groups come and go with imports, also with those of other people: asked again by each page. */
export const useGroups = () => useAll<Group>('groups', {}, 0);
export const useLabels = () => useAll<Label>('labels');
/** Also those that were archived: campaigns name them. */
export const useScripts = () => useAll<Script>('scripts');
/** Those that a campaign may take. */
export const useScriptsInUse = () => useAll<Script>('scripts', { archived: false });
export const useTrunks = () => useAll<Trunk>('trunks');
export const useCampaigns = () => useAll<Campaign>('campaigns');
export const useUsers = () => useAll<User>('users');

export const optionsOf = (rows: { id: string; name: string }[] | undefined) => (rows ?? []).map((r) => ({ value: r.id, label: r.name }));
