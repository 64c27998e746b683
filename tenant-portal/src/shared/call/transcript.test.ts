import { cleanup, render, screen } from '@testing-library/react';
import { createElement } from 'react';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Turn } from '@/api/types';
import { browser } from '@/testing/frame';
import { Transcript, turnAt } from './Transcript';

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

describe('the response time of a turn', () => {
  beforeAll(browser);
  afterEach(cleanup);
  it('is red from one second on', () => {
    const bot = (response_ms: number, start_ms: number): Turn => ({ who: 'bot', text: '您好', start_ms, end_ms: start_ms + 500, response_ms });
    render(createElement(Transcript, { turns: [bot(1000, 0), bot(1001, 900)] }));
    expect(screen.getAllByText(/1\.00/).map((e) => e.classList.contains('is-slow'))).toEqual([false, true]);
  });
});
