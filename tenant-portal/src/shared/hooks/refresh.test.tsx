import { useQuery } from '@tanstack/react-query';
import { cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { browser, Frame, makeClient } from '@/testing/frame';
import { useRefresh } from './refresh';

beforeAll(browser);
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('asks at once, then once for all events of the next seconds', () => {
  vi.useFakeTimers();
  const client = makeClient();
  const asked = vi.spyOn(client, 'invalidateQueries');
  const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
  const { result } = renderHook(() => useRefresh(['list'], 3_000), { wrapper });
  result.current();
  expect(asked).toHaveBeenCalledTimes(1);
  for (let n = 0; n < 20; n += 1) {
    vi.advanceTimersByTime(100);
    result.current();
  }
  expect(asked).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(asked).toHaveBeenCalledTimes(2);
});

it('asks for a list of many pages again at most every half minute', () => {
  vi.useFakeTimers();
  const client = makeClient();
  client.setQueryData(['list'], { pages: [1, 2, 3, 4], pageParams: [] });
  const asked = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
  const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
  const useBoth = () => {
    useQuery({ queryKey: ['list'], queryFn: () => null, staleTime: Infinity });
    return useRefresh(['list'], 3_000);
  };
  const { result } = renderHook(useBoth, { wrapper });
  result.current();
  result.current();
  vi.advanceTimersByTime(29_000);
  expect(asked).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(asked).toHaveBeenCalledTimes(2);
});
