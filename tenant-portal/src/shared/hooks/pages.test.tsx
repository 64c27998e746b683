import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { outdate, usePages } from './pages';

beforeAll(browser);
afterEach(cleanup);

const KEY = ['list'];
const pages = (n: number) => Array.from({ length: n }, (_, i) => ({ items: [{ n: i }], next_cursor: `p${i + 1}` }));
const deep = (n: number) => ({ pages: pages(n), pageParams: Array.from({ length: n }, (_, i) => (i ? `p${i}` : null)) });

function list(depth: number) {
  const fetched = vi.fn(async (_path: string) => answer({ items: [{ n: 0 }], next_cursor: 'p' }));
  vi.stubGlobal('fetch', fetched);
  const client = makeClient();
  client.setDefaultOptions({ queries: { staleTime: Infinity, retry: false } });
  client.setQueryData([...KEY, {}], deep(depth));
  const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
  const hook = renderHook(() => usePages<{ n: number }>(KEY, '/v1/contacts', {}), { wrapper });
  return { client, fetched, hook };
}

it('asks for no more than the first pages of a long list after a change', async () => {
  const { client, fetched, hook } = list(200);
  expect(hook.result.current.rows).toHaveLength(200);
  act(() => outdate(client, [KEY]));
  await waitFor(() => expect(fetched).toHaveBeenCalledTimes(20));
  await waitFor(() => expect(client.isFetching()).toBe(0));
  expect(fetched).toHaveBeenCalledTimes(20);
  expect(hook.result.current.hasMore).toBe(true);
});

it('begins a long list anew once it was left', async () => {
  const { client, hook } = list(200);
  hook.unmount();
  await waitFor(() => expect(client.getQueryData<{ pages: unknown[] }>([...KEY, {}])?.pages).toHaveLength(3));
});

it('asks for a short list again when the window is looked at, not for a long one', async () => {
  const [short, long] = [list(1), list(200)];
  long.fetched.mockClear();
  for (const { client } of [short, long]) await client.invalidateQueries({ queryKey: KEY, refetchType: 'none' });
  act(() => void window.dispatchEvent(new Event('visibilitychange')));
  await waitFor(() => expect(long.fetched).toHaveBeenCalled());
  await waitFor(() => expect(short.client.isFetching() + long.client.isFetching()).toBe(0));
  expect(long.fetched).toHaveBeenCalledTimes(1);
});
