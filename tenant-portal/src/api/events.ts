/// One event stream per tab. Events are buffered and handed on every 250 ms, so that a busy campaign does not redraw per turn.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export type LiveEvent = { id: string; type: string; data: Record<string, unknown> };
type Listener = { types: ReadonlySet<string>; handle: (events: LiveEvent[]) => void };

const FLUSH_MS = 250;
const STALE_MS = 10_000;
const REOPEN_MS = 3_000;

const TYPES = [
  'call.state', 'call.turn', 'call.hearing', 'call.saying', 'campaign.changed', 'import.progress', 'lead.offered', 'lead.changed',
  'alert.raised', 'alert.closed', 'trunk.changed', 'edge.changed', 'reset',
] as const;

const listeners = new Set<Listener>();
const freshness = new Set<() => void>();
let source: EventSource | null = null;
let buffer: LiveEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
let reopenTimer: ReturnType<typeof setTimeout> | undefined;
let stale = false;
let broken = false;

function setStale(next: boolean): void {
  if (stale === next) return;
  stale = next;
  freshness.forEach((tell) => tell());
}

/** A sign of life: the server says something every four seconds at least. */
function alive(): void {
  clearTimeout(silence);
  silence = setTimeout(silent, STALE_MS);
  setStale(false);
}

function silent(): void {
  silence = undefined;
  setStale(true);
  // A connection that the network took down may look open for minutes.
  if (source?.readyState === EventSource.OPEN) reopen();
}

function flush(): void {
  timer = undefined;
  const batch = buffer;
  buffer = [];
  for (const { types, handle } of listeners) {
    const mine = batch.filter((e) => types.has(e.type));
    if (mine.length > 0) handle(mine);
  }
}

function receive(event: MessageEvent<string>): void {
  alive();
  // The server cannot tell what was missed.
  if (event.type === 'reset') watch.onBack();
  let data: Record<string, unknown> = {};
  try {
    data = JSON.parse(event.data) as Record<string, unknown>;
  } catch {
    return;
  }
  buffer.push({ id: event.lastEventId, type: event.type, data });
  timer ??= setTimeout(flush, FLUSH_MS);
}

/** Called when events were missed, as after a break, and when it was closed for good and is asked for anew. */
type Watch = { onBack: () => void; onRefused: () => void };
let watch: Watch = { onBack: () => undefined, onRefused: () => undefined };
export const watchEvents = (next: Watch): void => void (watch = next);

/** Opens the stream; call once someone is signed in. The browser resumes a broken one with Last-Event-ID by itself. */
export function openEvents(): void {
  if (source) return;
  clearTimeout(reopenTimer);
  const mine = new EventSource('/v1/events', { withCredentials: true });
  source = mine;
  silence ??= setTimeout(silent, STALE_MS);
  mine.onopen = () => {
    alive();
    if (broken) watch.onBack();
    broken = false;
  };
  mine.onerror = () => {
    if (source !== mine) return;
    broken = true;
    if (mine.readyState !== EventSource.CLOSED) return;
    // The browser gives up on an answer that is no stream: the house restarts, or the session has ended.
    source = null;
    watch.onRefused();
    reopenTimer = setTimeout(openEvents, REOPEN_MS);
  };
  mine.addEventListener('ping', alive);
  for (const type of TYPES) mine.addEventListener(type, receive);
}

export function closeEvents(): void {
  source?.close();
  source = null;
  broken = false;
  for (const pending of [timer, silence, reopenTimer]) clearTimeout(pending);
  timer = silence = reopenTimer = undefined;
  buffer = [];
  setStale(false);
}

function reopen(): void {
  if (!source) return;
  source.close();
  source = null;
  broken = true;
  openEvents();
}

addEventListener('online', reopen);

/** Hears the given event types while mounted; `handle` gets what came in the last quarter of a second. */
export function useEvents(types: readonly string[], handle: (events: LiveEvent[]) => void): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  const key = types.join(' ');
  useEffect(() => {
    const listener: Listener = { types: new Set(key.split(' ')), handle: (events) => latest.current(events) };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [key]);
}

/** True when the server has said nothing for ten seconds: what is live on the page is not. */
export const useStale = (): boolean =>
  useSyncExternalStore(
    (tell) => {
      freshness.add(tell);
      return () => void freshness.delete(tell);
    },
    () => stale,
  );
