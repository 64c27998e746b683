import { describe, expect, it } from 'vitest';
import type { Turn } from '@/api/types';
import { turnAt } from './Transcript';

const turns: Turn[] = [
  { who: 'bot', text: '您好', start_ms: 600, end_ms: 2000 },
  { who: 'customer', text: '嗯', start_ms: 2500, end_ms: 3000 },
];

describe('the active turn', () => {
  it('is none before anyone spoke', () => expect(turnAt(turns, 100)).toBe(-1));
  it('is the turn being spoken', () => expect(turnAt(turns, 700)).toBe(0));
  it('stays until the next one begins', () => expect(turnAt(turns, 2400)).toBe(0));
  it('is the turn that was clicked, at its very start', () => expect(turnAt(turns, 2500)).toBe(1));
});
