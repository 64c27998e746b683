/// Who is signed in and what the five roles may see and do. The server decides; this only keeps doors from being shown that would not open.
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { closeEvents } from '@/api/events';
import { api, setCsrf } from '@/api/http';
import { isProblem } from '@/api/problem';
import type { Role, Session } from '@/api/types';
import { dropDrafts } from './drafts';

export const ME = ['me'] as const;

/** The session ended: nothing of what this person loaded or typed is left for the next one. */
export function forgetPerson(client: QueryClient): void {
  closeEvents();
  dropDrafts();
  setCsrf(undefined);
  client.setQueryData(ME, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
  client.getMutationCache().clear();
}

export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: async ({ signal, client }): Promise<Session | null> => {
      try {
        const session = await api.get<Session>('/v1/me', { signal });
        setCsrf(session.csrf_token);
        const before = client.getQueryData<Session | null>(ME);
        // Another tab of this browser may have signed in as somebody else.
        if (before && before.user.id !== session.user.id) {
          dropDrafts();
          void client.resetQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
        }
        return session;
      } catch (error) {
        if (isProblem(error) && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

/** The role of the person signed in. Only for pages inside the shell. */
export function useRole(): Role {
  const client = useQueryClient();
  return useMe().data?.user.role ?? client.getQueryData<Session>(ME)?.user.role ?? 'viewer';
}

const SEES = {
  contacts: ['operator', 'viewer'],
  groups: ['operator', 'viewer'],
  blacklist: ['operator', 'viewer'],
  campaigns: ['operator', 'viewer'],
  scripts: ['operator', 'scripter', 'viewer'],
  labels: ['operator', 'scripter', 'viewer'],
  calls: ['operator', 'scripter', 'agent', 'viewer'],
  leads: ['operator', 'agent', 'viewer'],
  reports: ['operator', 'viewer'],
  users: ['admin', 'viewer'],
  trunks: ['admin', 'operator', 'viewer'],
  edges: ['admin', 'viewer'],
  alerts: ['admin', 'operator', 'viewer'],
  audit: ['admin', 'viewer'],
  system: ['admin', 'viewer'],
} as const satisfies Record<string, readonly Role[]>;

const DOES = {
  contacts: ['operator'],
  campaigns: ['operator'],
  scripts: ['scripter'],
  labels: ['scripter'],
  leads: ['agent'],
  users: ['admin'],
  trunks: ['admin'],
  edges: ['admin'],
  alerts: ['admin', 'operator'],
} as const satisfies Record<string, readonly Role[]>;

export type Area = keyof typeof SEES;

export const sees = (role: Role, area: Area): boolean => (SEES[area] as readonly Role[]).includes(role);
export const does = (role: Role, area: keyof typeof DOES): boolean => (DOES[area] as readonly Role[]).includes(role);
export const isArea = (name: string): name is Area => name in SEES;

/** May the person change things here, or only read? */
export const useDoes = (area: keyof typeof DOES): boolean => does(useRole(), area);

export const homeOf: Record<Role, string> = {
  admin: '/users',
  operator: '/campaigns',
  scripter: '/scripts',
  agent: '/leads',
  viewer: '/reports',
};
