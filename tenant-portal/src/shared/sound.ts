/// Sounds made in the browser. Browsers keep audio locked until a click or key; the header shows when it still is.
import { useSyncExternalStore } from 'react';
import { usePrefs } from './prefs';

type Note = { at: number; hz: number; ms: number };
const CHIMES = {
  lead: [{ at: 0, hz: 880, ms: 160 }, { at: 140, hz: 1318.5, ms: 260 }],
  alert: [{ at: 0, hz: 660, ms: 180 }, { at: 220, hz: 660, ms: 180 }, { at: 440, hz: 523.3, ms: 320 }],
} satisfies Record<string, Note[]>;

let context: AudioContext | null = null;
const watchers = new Set<() => void>();

/** Unlocks audio; call from a click or key handler. */
export async function unlockSound(): Promise<boolean> {
  context ??= new AudioContext();
  context.onstatechange = () => watchers.forEach((tell) => tell());
  await context.resume().catch(() => undefined);
  watchers.forEach((tell) => tell());
  return context.state === 'running';
}

export function play(kind: keyof typeof CHIMES): void {
  if (context?.state !== 'running') return;
  const volume = usePrefs.getState().volume;
  for (const { at, hz, ms } of CHIMES[kind]) {
    const start = context.currentTime + at / 1000;
    const end = start + ms / 1000;
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = hz;
    tone.type = 'triangle';
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.35 * volume, start + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, end);
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(end);
  }
}

/** False while the browser would swallow a sound. */
export const useSoundReady = (): boolean =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => context?.state === 'running',
  );

// The first click or key anywhere unlocks audio too.
for (const kind of ['pointerdown', 'keydown'] as const) addEventListener(kind, () => void unlockSound(), { once: true, capture: true });
