import { expect, it, vi } from 'vitest';
import { closeStartUndo, keepStartUndo } from './start-undo';

it('closes the way back of a start at the first call', () => {
  const close = vi.fn();
  keepStartUndo('a', close);
  closeStartUndo('a', { attempts: 0, in_call: 0 });
  closeStartUndo('b', { attempts: 3, in_call: 1 });
  expect(close).not.toHaveBeenCalled();
  closeStartUndo('a', { attempts: 0, in_call: 1 });
  closeStartUndo('a', { attempts: 1, in_call: 0 });
  expect(close).toHaveBeenCalledTimes(1);
});

it('keeps the way back of a restart while only the calls of the run before are counted', () => {
  const close = vi.fn();
  keepStartUndo('a', close, { attempts: 40, in_call: 2 });
  closeStartUndo('a', { attempts: 40, in_call: 2 });
  closeStartUndo('a', { attempts: 40, in_call: 0 });
  expect(close).not.toHaveBeenCalled();
  closeStartUndo('a', { attempts: 41, in_call: 1 });
  expect(close).toHaveBeenCalledTimes(1);
});
