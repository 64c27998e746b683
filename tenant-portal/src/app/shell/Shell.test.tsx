import { act, cleanup, render, screen } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { Component as Shell } from './Shell';

const me = { user: { id: 'u', email: 'viewer@demo', name: 'V', role: 'viewer' }, tenant: { id: 't', name: 'Demo' }, permissions: ['calls.read'] };

beforeAll(browser);
afterEach(cleanup);

it('keeps the page when asking again who is signed in fails', async () => {
  const fetched = vi.fn(async (path: string) => answer(path === '/v1/me' ? me : { items: [] }));
  vi.stubGlobal('fetch', fetched);
  const client = makeClient();
  const router = createMemoryRouter([{ path: '/', Component: Shell, children: [{ path: 'calls', element: <p>half-typed work</p> }] }], { initialEntries: ['/calls'] });
  render(
    <Frame client={client}>
      <RouterProvider router={router} />
    </Frame>,
  );
  await screen.findByText('half-typed work');
  fetched.mockImplementation(async () => {
    throw new TypeError('no network');
  });
  await act(() => client.refetchQueries({ queryKey: ME }));
  expect(screen.queryByText('half-typed work')).not.toBeNull();
});
