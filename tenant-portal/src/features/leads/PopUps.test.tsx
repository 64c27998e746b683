import { act, cleanup, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { PopUps } from './PopUps';
import { standHere } from './place';

vi.mock('@/shared/sound', () => ({ play: vi.fn() }));
const offered = { id: 'led_1', status: 'offered', contact: { id: 'con_1', name: '刘洋', number: '199****1112' }, call_id: 'cal_1', label: { key: 'high', name: '高意向', rule: '' }, created_at: '2026-11-22T08:00:00Z' };

beforeAll(browser);
afterEach(() => {
  cleanup();
  standHere(null);
  document.body.innerHTML = '';
});

it('stands an offer in the queue while it is open, and is the same one again beside it', async () => {
  vi.stubGlobal('fetch', vi.fn(async (path: string) => answer(path.startsWith('/v1/leads?status=offered') ? { items: [offered] } : { items: [] })));
  const queue = document.body.appendChild(document.createElement('section'));
  render(
    <MemoryRouter>
      <Frame client={makeClient()}>
        <PopUps />
      </Frame>
    </MemoryRouter>,
  );
  const offer = await screen.findByRole('alertdialog');
  expect(queue.contains(offer)).toBe(false);
  act(() => standHere(queue));
  expect(queue.contains(offer)).toBe(true);
  act(() => standHere(null));
  expect(queue.contains(offer)).toBe(false);
  expect(screen.getByRole('alertdialog')).toBe(offer);
});
