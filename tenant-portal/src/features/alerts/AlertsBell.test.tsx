import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { AlertsBell } from './AlertsBell';

beforeAll(browser);
afterEach(cleanup);

it('pops an alarm up again, and says why, when acknowledging it failed', async () => {
  const alarm = { id: 'a', code: 'recordings_not_stored', level: 'urgent', params: {}, raised_at: '2026-11-22T08:00:00Z' };
  vi.stubGlobal('fetch', vi.fn(async (_path: string, { method }: { method: string }) =>
    method === 'POST' ? new Response(JSON.stringify({ code: 'trunk_busy_test' }), { status: 409 }) : answer({ items: [alarm] }),
  ));
  const client = makeClient();
  client.setQueryData(ME, { user: { id: 'u', role: 'operator' }, permissions: ['alerts.read', 'alerts.acknowledge'] });
  render(
    <MemoryRouter>
      <Frame client={client}>
        <AlertsBell />
      </Frame>
    </MemoryRouter>,
  );
  fireEvent.click(await screen.findByText('知道了'));
  await screen.findByText(/trunk_busy_test/);
  await waitFor(() => expect(screen.queryAllByText('知道了').some((e) => !e.closest('[class*=leave]'))).toBe(true));
  expect(document.title).toContain('(1)');
});
