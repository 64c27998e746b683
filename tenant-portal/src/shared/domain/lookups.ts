/// Short lists that many pages choose from.
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Campaign, Group, Label, Script, Trunk } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import { useGranted } from '@/shared/session';

/** The first 200 of a kind: enough for a select with search. Not asked where the role may not see them. */
function useAll<T>(area: 'groups' | 'labels' | 'scripts' | 'trunks' | 'campaigns', path: string, staleTime = 30_000) {
  const granted = useGranted();
  return useQuery({
    queryKey: [area, 'all'],
    queryFn: async ({ signal }) => (await api.get<PageOf<T>>(path, { query: { limit: 200 }, signal })).items,
    enabled: granted.includes(area === 'groups' ? 'contacts.read' : `${area}.read`),
    staleTime,
  });
}

/** Groups come and go with imports, also with those of other people: asked again by each page. */
export const useGroups = () => useAll<Group>('groups', '/v1/groups', 0);
export const useLabels = () => useAll<Label>('labels', '/v1/labels');
export const useScripts = () => useAll<Script>('scripts', '/v1/scripts');
export const useTrunks = () => useAll<Trunk>('trunks', '/v1/trunks');
export const useCampaigns = () => useAll<Campaign>('campaigns', '/v1/campaigns');

export const optionsOf = (rows: { id: string; name: string }[] | undefined) => (rows ?? []).map((r) => ({ value: r.id, label: r.name }));
