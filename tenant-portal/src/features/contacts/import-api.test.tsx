import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { useImport } from './import-api';

beforeAll(browser);
afterEach(cleanup);

it('makes the group known elsewhere once its import is over', async () => {
  let state = 'running';
  vi.stubGlobal('fetch', vi.fn(async () => answer({ id: 'i', state, rows: {} })));
  const client = makeClient();
  client.setQueryData(['groups', 'all'], []);
  const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
  const { result } = renderHook(() => useImport('i'), { wrapper });
  await waitFor(() => expect(result.current.data?.state).toBe('running'));
  expect(client.getQueryState(['groups', 'all'])?.isInvalidated).toBe(false);
  state = 'done';
  await act(() => client.refetchQueries({ queryKey: ['imports', 'i'] }));
  await waitFor(() => expect(client.getQueryState(['groups', 'all'])?.isInvalidated).toBe(true));
});
