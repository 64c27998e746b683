import { expect, it } from 'vitest';
import type { Turn } from '@/api/types';
import { clipStart } from './clip-start';

const turn = (who: Turn['who'], text: string, start_ms: number): Turn => ({ who, text, start_ms, end_ms: start_ms + 500 });

it('begins a little before what the customer was quoted with', () => {
  const turns = [turn('bot', '可以的', 0), turn('customer', '嗯可以的你说', 4_000)];
  expect(clipStart(turns, '可以的')).toBe(2_500);
  expect(clipStart(turns, '没说过')).toBe(0);
  expect(clipStart(turns, null)).toBe(0);
});
