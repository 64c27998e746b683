import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usePlayer } from './use-player';

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
});
afterEach(() => {
  cleanup();
  document.body.innerHTML = '';
});

const press = (on: string, key: string) => {
  document.body.innerHTML = on;
  const target = document.body.firstElementChild ?? document.body;
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
};

describe('the keys of the player', () => {
  it('J and K work while the play button has the focus', () => {
    const { result } = renderHook(() => usePlayer('/recording'));
    result.current.audio.currentTime = 20;
    press('<button></button>', 'j');
    expect(result.current.audio.currentTime).toBe(15);
    press('<button></button>', 'K');
    expect(result.current.audio.currentTime).toBe(20);
  });

  it('space on a button is that button, elsewhere it plays', () => {
    renderHook(() => usePlayer('/recording'));
    press('<button></button>', ' ');
    expect(HTMLMediaElement.prototype.play).not.toHaveBeenCalled();
    press('<p></p>', ' ');
    expect(HTMLMediaElement.prototype.play).toHaveBeenCalledTimes(1);
  });

  it('leaves a field alone', () => {
    const { result } = renderHook(() => usePlayer('/recording'));
    result.current.audio.currentTime = 20;
    press('<textarea></textarea>', 'j');
    expect(result.current.audio.currentTime).toBe(20);
  });
});

it('asks for a recording that failed again, and says no more that it failed once it is there', () => {
  const load = vi.spyOn(HTMLMediaElement.prototype, 'load').mockReturnValue();
  const { result } = renderHook(() => usePlayer('/recording'));
  const { audio } = result.current;
  act(() => void audio.dispatchEvent(new Event('error')));
  expect(result.current.failed).toBe(true);
  Object.defineProperty(audio, 'error', { value: { code: 2 }, configurable: true });
  act(() => result.current.toggle());
  expect(load).toHaveBeenCalledTimes(1);
  act(() => void audio.dispatchEvent(new Event('loadedmetadata')));
  expect(result.current.failed).toBe(false);
});
