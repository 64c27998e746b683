import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { useCheck } from './check';
import type { Flow } from './flow';

const client = makeClient();
const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
const flow = (text: string) => ({ nodes: [{ text }] }) as unknown as Flow;
const fault = { severity: 'error', code: 'text_missing', params: {}, path: '/nodes/0/text', text: '' };

beforeAll(browser);
afterEach(cleanup);

it('checks a changed flow again by itself, once it was checked', async () => {
  const fetched = vi.fn(async (_path: string, { body }: { body: string }) => answer({ findings: body.includes('mended') ? [] : [fault] }));
  vi.stubGlobal('fetch', fetched);
  const { result, rerender } = renderHook(({ f }) => useCheck('s', f), { wrapper, initialProps: { f: flow('') } });
  const faulty = flow('faulty');
  rerender({ f: faulty });
  expect([result.current.findings, result.current.outdated]).toEqual([null, false]);
  await act(() => result.current.run());
  expect(result.current.findings).toHaveLength(1);
  rerender({ f: flow('mended') });
  expect([result.current.findings?.length, result.current.outdated]).toEqual([1, true]);
  await waitFor(() => expect([result.current.findings, result.current.outdated]).toEqual([[], false]));
  expect(fetched).toHaveBeenCalledTimes(2);
});
