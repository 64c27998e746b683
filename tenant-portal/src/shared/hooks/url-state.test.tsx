import { act, cleanup, render } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, expect, it } from 'vitest';
import { useUrlState } from './url-state';

afterEach(cleanup);

const NAMES = ['q', 'status'] as const;
const SEARCHED = ['q'] as const;
let now: ReturnType<typeof useUrlState<'q' | 'status'>>;
function List() {
  now = useUrlState(NAMES, SEARCHED);
  return null;
}

function open(at: string) {
  const router = createMemoryRouter([{ path: '/contacts', Component: List }], { initialEntries: [at] });
  render(<RouterProvider router={router} />);
  return router;
}

it('keeps words in the address and numbers out of it', async () => {
  const router = open('/contacts');
  await act(async () => now[1]({ q: 'Li', status: 'never' }));
  expect(router.state.location.search).toBe('?q=Li&status=never');
  await act(async () => now[1]({ q: '+86 010-1234 567' }));
  expect([now[0].q, router.state.location.search]).toEqual(['+86 010-1234 567', '?status=never']);
  await act(async () => now[1]({ status: null }));
  expect([now[0].q, router.state.location.search]).toEqual(['+86 010-1234 567', '']);
  await act(async () => now[1]({ q: '4567' }));
  expect([now[0].q, router.state.location.search]).toEqual(['4567', '?q=4567']);
  await act(async () => now[1]({ q: null }));
  expect([now[0].q, router.state.location.search]).toEqual(['', '']);
});

it('takes a number out of an address that was written with it', async () => {
  const router = open('/contacts?q=0101234567&status=never');
  await act(async () => undefined);
  expect([now[0].q, router.state.location.search]).toEqual(['0101234567', '?status=never']);
});
