/// One audio element with its state, and the keys that drive it: space plays, J and K go back and on by 5 s.
import { useEffect, useState } from 'react';

export type Player = {
  audio: HTMLAudioElement;
  playing: boolean;
  atMs: number;
  rate: number;
  failed: boolean;
  toggle: () => void;
  seek: (ms: number) => void;
  setRate: (rate: number) => void;
};

const STEP_MS = 5_000;

export function usePlayer(src: string): Player {
  const [audio] = useState(() => {
    const element = new Audio();
    element.preload = 'metadata';
    return element;
  });
  const [state, setState] = useState({ playing: false, atMs: 0, rate: 1, failed: false });
  useEffect(() => {
    const read = () => setState((s) => ({ ...s, playing: !audio.paused, atMs: audio.currentTime * 1000, rate: audio.playbackRate }));
    const fail = () => setState((s) => ({ ...s, playing: false, failed: true }));
    const load = () => setState((s) => (s.failed ? { ...s, failed: false } : s));
    const kinds = ['play', 'pause', 'ended', 'timeupdate', 'seeked', 'ratechange'] as const;
    for (const kind of kinds) audio.addEventListener(kind, read);
    audio.addEventListener('error', fail);
    audio.addEventListener('loadedmetadata', load);
    audio.src = src;
    return () => {
      for (const kind of kinds) audio.removeEventListener(kind, read);
      audio.removeEventListener('error', fail);
      audio.removeEventListener('loadedmetadata', load);
      audio.pause();
      audio.removeAttribute('src');
    };
  }, [audio, src]);

  const seek = (ms: number) => {
    audio.currentTime = Math.max(0, ms / 1000);
  };
  const toggle = () => toggleOf(audio);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || isWithin(e.target, FIELDS)) return;
      if (e.key === ' ') {
        if (isWithin(e.target, CONTROLS)) return;
        e.preventDefault();
        toggleOf(audio);
      } else if (e.key === 'j' || e.key === 'J') audio.currentTime = Math.max(0, audio.currentTime - STEP_MS / 1000);
      else if (e.key === 'k' || e.key === 'K') audio.currentTime += STEP_MS / 1000;
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [audio]);

  return {
    audio,
    ...state,
    toggle,
    seek,
    setRate: (rate) => {
      audio.playbackRate = rate;
    },
  };
}

/** What failed to load is asked for again. */
function toggleOf(audio: HTMLAudioElement): void {
  if (!audio.paused) return audio.pause();
  if (audio.error) audio.load();
  void audio.play().catch(() => undefined);
}

/** Letters and space belong to a focused field. */
const FIELDS = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable=true], [role=option], [role=menuitem], .ant-modal, .ant-drawer';
/** Space presses a focused button; letters mean nothing to it. */
const CONTROLS = 'button, a, input';

const isWithin = (target: EventTarget | null, what: string): boolean => target instanceof HTMLElement && target.closest(what) !== null;
