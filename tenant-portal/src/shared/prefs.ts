/// What one person chose for this browser: theme and sound. Server state is never here.
import { create } from 'zustand';

type Prefs = { theme: 'light' | 'dark'; volume: number };
type PrefsStore = Prefs & { set: (change: Partial<Prefs>) => void };

const KEY = 'bellbird.prefs';
const read = (): Prefs => {
  const fallback: Prefs = { theme: 'light', volume: 0.8 };
  try {
    return { ...fallback, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>) };
  } catch {
    return fallback;
  }
};

export const usePrefs = create<PrefsStore>((set, get) => ({
  ...read(),
  set: (change) => {
    set(change);
    const { theme, volume } = get();
    localStorage.setItem(KEY, JSON.stringify({ theme, volume }));
  },
}));
