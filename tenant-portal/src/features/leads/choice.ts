/// The presence that the person last chose, shared by all tabs of this browser: a beat says that and never what a tab
/// happened to know.
import type { PresenceState } from '@/api/types';

type Choice = { user: string; state: PresenceState; /** Chosen or beaten for last. */ at: number };

const KEY = 'bellbird.presence';
/** As long as the server waits for a beat. */
const ALIVE_MS = 30_000;

function read(user: string): Choice | null {
  try {
    const choice = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Choice | null;
    return choice?.user === user ? choice : null;
  } catch {
    return null;
  }
}

export const chosen = (user: string): PresenceState | null => read(user)?.state ?? null;

export const choose = (user: string, state: PresenceState, now = Date.now()): void => localStorage.setItem(KEY, JSON.stringify({ user, state, at: now } satisfies Choice));

/** For a tab that opens: what no tab has beaten for since the server gave up waiting is no longer meant. */
export function forgetIfStale(user: string, now = Date.now()): void {
  const choice = read(user);
  if (!choice || now - choice.at > ALIVE_MS) localStorage.removeItem(KEY);
}

/** Hears what another tab chose. */
export function whenChosen(user: string, act: (state: PresenceState) => void): () => void {
  const hear = (e: StorageEvent) => {
    if (e.key !== KEY) return;
    const state = chosen(user);
    if (state) act(state);
  };
  addEventListener('storage', hear);
  return () => removeEventListener('storage', hear);
}

/** One tab at a time, so that no beat overtakes a choice. Without locks (plain HTTP) the next beat sets it right. */
export const inTurn = async <T>(act: () => Promise<T>): Promise<T> => ('locks' in navigator ? await navigator.locks.request(KEY, act) : act());

/** Why an agent rests; kept in this browser beside the choice itself. */
export const REST_REASONS = ['lunch', 'meeting', 'training', 'other'] as const;
export type RestReason = (typeof REST_REASONS)[number];
const REST_KEY = 'bellbird.rest';

export const restWhy = (user: string): RestReason | null => {
  const [who, why] = (localStorage.getItem(REST_KEY) ?? '').split(' ');
  return who === user ? (REST_REASONS.find((r) => r === why) ?? null) : null;
};
export const keepRestWhy = (user: string, why: RestReason): void => localStorage.setItem(REST_KEY, `${user} ${why}`);
