/// Who is signed in and what the five roles may see and do. The server decides; this only keeps doors from being shown that would not open.
import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { closeEvents } from '@/api/events';
import { api, setCsrf } from '@/api/http';
import { isProblem } from '@/api/problem';
import type { Role, Session } from '@/api/types';
import { draftsFor, dropDrafts } from './drafts';

export const ME = ['me'] as const;

/** The person left: nothing of what they loaded or typed is there for the next one. */
export function forgetPerson(client: QueryClient): void {
  dropDrafts();
  ranOut = false;
  endSession(client);
}

let ranOut = false;
/** Did the server end the last session, and not the person? */
export const hasRunOut = (): boolean => ranOut;

/** The server knows no session any more. Where there was none, none ran out. */
export function runOut(client: QueryClient): void {
  ranOut ||= Boolean(client.getQueryData(ME));
  endSession(client);
}

/** The session ran out in the middle of the work: what was loaded goes, what was typed waits for the same person. */
export function endSession(client: QueryClient): void {
  closeEvents();
  setCsrf(undefined);
  client.setQueryData(ME, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
  client.getMutationCache().clear();
}

const whoAmI = queryOptions({
  queryKey: ME,
  queryFn: async ({ signal, client }): Promise<Session | null> => {
    try {
      const session = await api.get<Session>('/v1/me', { signal });
      setCsrf(session.csrf_token);
      draftsFor(session.user.id);
      const before = client.getQueryData<Session | null>(ME);
      // Another tab of this browser may have signed in as somebody else.
      if (before && before.user.id !== session.user.id) void client.resetQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
      return session;
    } catch (error) {
      if (isProblem(error) && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const useMe = () => useQuery(whoAmI);

/** After signing in: asks anew who this is. */
export async function meet(client: QueryClient): Promise<Session | null> {
  endSession(client);
  client.removeQueries({ queryKey: ME });
  const session = await client.fetchQuery(whoAmI);
  ranOut = false;
  return session;
}

/** The person signed in. Only for pages inside the shell. */
function useSession(): Session | null {
  const client = useQueryClient();
  return useMe().data ?? client.getQueryData<Session | null>(ME) ?? null;
}

/** Who is signed in, as an id. */
export const usePerson = (): string => useSession()?.user.id ?? '';

export const useRole = (): Role => useSession()?.user.role ?? 'viewer';

/** Permissions as the server grants them to the person signed in. */
export type Granted = readonly string[];

/** A part of the portal and what one must be allowed to see it. */
const SEES = {
  contacts: ['contacts.read'],
  groups: ['contacts.read'],
  blacklist: ['blacklist.read'],
  campaigns: ['campaigns.read'],
  scripts: ['scripts.read'],
  // Agents read labels to filter by them; the page is for those who read scripts.
  labels: ['labels.read', 'scripts.read'],
  calls: ['calls.read'],
  leads: ['leads.read'],
  reports: ['reports.read'],
  users: ['users.read'],
  trunks: ['trunks.read'],
  edges: ['edges.read'],
  alerts: ['alerts.read'],
  audit: ['audit.read'],
  system: ['system.read'],
} as const satisfies Record<string, readonly string[]>;

const DOES = {
  contacts: 'contacts.manage',
  campaigns: 'campaigns.manage',
  scripts: 'scripts.manage',
  labels: 'labels.manage',
  leads: 'leads.work',
  users: 'users.manage',
  trunks: 'trunks.manage',
  edges: 'edges.manage',
  alerts: 'alerts.acknowledge',
  listen: 'recordings.read',
} as const;

export type Area = keyof typeof SEES;
export type Deed = keyof typeof DOES;

export const sees = (granted: Granted, area: Area): boolean => SEES[area].every((permission) => granted.includes(permission));
export const does = (granted: Granted, deed: Deed): boolean => granted.includes(DOES[deed]);
export const isArea = (name: string): name is Area => name in SEES;

export const useGranted = (): Granted => useSession()?.permissions ?? NONE;
const NONE: Granted = [];

/** May the person change things here, or only read? */
export const useDoes = (deed: Deed): boolean => does(useGranted(), deed);
/** May the person see this part? */
export function useSees(): (area: Area) => boolean {
  const granted = useGranted();
  return (area) => sees(granted, area);
}

/** Where the work of the person begins: at what they may do, else at what they may see. */
export function homeOf(granted: Granted): string {
  const work = (['users', 'campaigns', 'scripts', 'leads'] as const).find((deed) => does(granted, deed));
  const area = work ?? (sees(granted, 'reports') ? 'reports' : (Object.keys(SEES) as Area[]).find((a) => sees(granted, a)));
  return `/${area ?? 'calls'}`;
}
