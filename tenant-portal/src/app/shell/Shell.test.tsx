import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import { App } from 'antd';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startI18n } from '@/shared/i18n';
import { ME } from '@/shared/session';
import { Component as Shell } from './Shell';

const me = { user: { id: 'u', email: 'viewer@demo', name: 'V', role: 'viewer' }, tenant: { id: 't', name: 'Demo' }, permissions: ['calls.read'] };
const answer = (body: unknown) => new Response(JSON.stringify(body), { status: 200 });

beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('EventSource', class extends EventTarget { close() {} });
  await startI18n();
});
afterEach(cleanup);

it('keeps the page when asking again who is signed in fails', async () => {
  const fetched = vi.fn(async (path: string) => answer(path === '/v1/me' ? me : { items: [] }));
  vi.stubGlobal('fetch', fetched);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter([{ path: '/', Component: Shell, children: [{ path: 'calls', element: <p>half-typed work</p> }] }], { initialEntries: ['/calls'] });
  render(
    <App>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </App>,
  );
  await screen.findByText('half-typed work');
  fetched.mockImplementation(async () => {
    throw new TypeError('no network');
  });
  await act(() => client.refetchQueries({ queryKey: ME }));
  expect(client.getQueryState(ME)?.status).toBe('error');
  expect(screen.queryByText('half-typed work')).not.toBeNull();
});
