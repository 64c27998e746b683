import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { play } from '@/shared/sound';
import { AlertsBell } from './AlertsBell';

vi.mock('@/shared/sound', () => ({ play: vi.fn() }));

beforeAll(browser);
afterEach(() => {
  cleanup();
  vi.mocked(play).mockClear();
});

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
  await waitFor(() => expect(screen.queryByText('知道了')).not.toBeNull());
  expect(document.title).toContain('(1)');
});

const alarm = (id: string) => ({ id, code: 'trunk_failing', level: 'urgent', params: { trunk: '甲', failing: 5 }, trunk_id: 't', raised_at: '2026-11-22T08:00:00Z' });

function shown(alarms: object[], permissions: string[]) {
  const fetched = vi.fn(async (_path: string) => answer({ items: alarms }));
  vi.stubGlobal('fetch', fetched);
  const client = makeClient();
  client.setQueryData(ME, { user: { id: 'u', role: 'viewer' }, permissions });
  render(
    <MemoryRouter>
      <Frame client={client}>
        <AlertsBell />
      </Frame>
    </MemoryRouter>,
  );
  return { client, fetched };
}

it('does not ring for a person who cannot end it', async () => {
  shown([alarm('a')], ['alerts.read', 'trunks.read']);
  await screen.findByRole('link', { name: /连续 5 次呼叫失败/ });
  expect(play).not.toHaveBeenCalled();
});

it('does not ring again because one of two was acknowledged', async () => {
  const { client, fetched } = shown([alarm('a'), alarm('b')], ['alerts.read', 'alerts.acknowledge']);
  await waitFor(() => expect(play).toHaveBeenCalledTimes(1));
  fetched.mockImplementation(async () => answer({ items: [alarm('b')] }));
  await client.invalidateQueries({ queryKey: ['alerts'] });
  await waitFor(() => expect(document.title).toContain('(1)'));
  expect(play).toHaveBeenCalledTimes(1);
  fetched.mockImplementation(async () => answer({ items: [alarm('b'), alarm('c')] }));
  await client.invalidateQueries({ queryKey: ['alerts'] });
  await waitFor(() => expect(play).toHaveBeenCalledTimes(2));
});

it('shows one alarm at a time: the newest of the most severe, then the next', async () => {
  const named = (id: string, level: string, raised_at: string) => ({ ...alarm(id), level, raised_at, params: { trunk: id, failing: 5 } });
  const alarms = [named('旧', 'urgent', '2026-11-22T08:00:00Z'), named('轻', 'warning', '2026-11-22T10:00:00Z'), named('新', 'urgent', '2026-11-22T09:00:00Z')];
  shown(alarms, ['alerts.read', 'alerts.acknowledge']);
  const popUps = () => screen.getAllByRole('alert');
  await screen.findByText('还有 2 条告警');
  expect(popUps().map((e) => /“(.)”/.exec(e.textContent ?? '')?.[1])).toEqual(['新']);
  fireEvent.click(screen.getByText('知道了'));
  await waitFor(() => expect(popUps().map((e) => /“(.)”/.exec(e.textContent ?? '')?.[1])).toEqual(['旧']));
});

it('leaves the screen free once its alarm was closed, until there is a new one', async () => {
  const { client, fetched } = shown([alarm('a'), alarm('b')], ['alerts.read', 'alerts.acknowledge']);
  fireEvent.click(await screen.findByRole('button', { name: /关闭|Close/ }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  fetched.mockImplementation(async () => answer({ items: [alarm('a'), alarm('b'), alarm('c')] }));
  await client.invalidateQueries({ queryKey: ['alerts'] });
  await screen.findByText('还有 2 条告警');
});
