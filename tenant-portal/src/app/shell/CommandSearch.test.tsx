import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter, useLocation } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { CommandSearch } from './CommandSearch';

beforeAll(browser);
afterEach(cleanup);

const lead = { id: 'led_1', status: 'accepted', contact: { id: 'con_1', name: '刘洋', number: '199****1112' }, call_id: 'cal_1', label: { key: 'high', name: '高意向', rule: '' }, created_at: '2026-11-22T08:00:00Z' };
const Address = () => {
  const { pathname, search } = useLocation();
  return <output>{pathname + search}</output>;
};

function opened(granted: string[]) {
  const fetched = vi.fn(async (path: string) => answer({ items: path.startsWith('/v1/leads?status=accepted') ? [lead] : [] }));
  vi.stubGlobal('fetch', fetched);
  render(
    <MemoryRouter>
      <Frame client={makeClient()}>
        <CommandSearch granted={granted} />
        <Address />
      </Frame>
    </MemoryRouter>,
  );
  fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
  return { field: screen.getByRole('combobox') as HTMLInputElement, fetched };
}

it('finds an own lead by the last digits of its number and opens it', async () => {
  const { field } = opened(['leads.read', 'leads.work', 'calls.read', 'labels.read']);
  fireEvent.change(field, { target: { value: '1112' } });
  fireEvent.click(await screen.findByText('刘洋 199****1112'));
  expect(screen.getByText('/leads?id=led_1')).not.toBeNull();
});

it('asks only for what the role may open, and promises no more', async () => {
  const { field, fetched } = opened(['scripts.read', 'labels.read', 'calls.read']);
  expect(field.placeholder).toBe('搜索页面、话术');
  fireEvent.change(field, { target: { value: '1112' } });
  await screen.findByText('没有找到');
  expect(fetched.mock.calls.map(([path]) => path)).toEqual([expect.stringMatching(/^\/v1\/scripts\?/)]);
});
