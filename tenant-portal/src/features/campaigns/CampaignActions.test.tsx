import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Campaign } from '@/api/types';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { CampaignActions } from './CampaignActions';

const STOPPED = { id: 'c', name: '秋季', state: 'stopped', counters: { attempts: 4, in_call: 0, waiting: 0, cancelled: 2, blocked: 0, not_connected: 1 } } as unknown as Campaign;

beforeAll(browser);
afterEach(cleanup);

it('offers to pause what was restarted, and says that it is paused', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', vi.fn(async (path: string) => {
    sent.push(path);
    return answer({ id: 'c' });
  }));
  render(
    <MemoryRouter>
      <Frame client={makeClient()}>
        <CampaignActions campaign={STOPPED} />
      </Frame>
    </MemoryRouter>,
  );
  fireEvent.click(screen.getByText('重启'));
  fireEvent.click(await screen.findByText('暂停'));
  await waitFor(() => expect(sent).toEqual([`/v1/campaigns/${STOPPED.id}/restart`, `/v1/campaigns/${STOPPED.id}/pause`]));
  expect(await screen.findByText(/^已暂停/)).toBeTruthy();
});

it('takes no second click that was meant for what the button did before', async () => {
  const sent: string[] = [];
  vi.stubGlobal('fetch', vi.fn(async (path: string) => {
    sent.push(path);
    return answer({ id: 'c' });
  }));
  vi.useFakeTimers();
  const client = makeClient();
  const page = (state: string) => (
    <MemoryRouter>
      <Frame client={client}>
        <CampaignActions campaign={{ ...STOPPED, state } as Campaign} />
      </Frame>
    </MemoryRouter>
  );
  const { rerender } = render(page('running'));
  rerender(page('paused'));
  fireEvent.click(screen.getByText('恢复'));
  expect(sent).toEqual([]);
  act(() => void vi.advanceTimersByTime(1_000));
  fireEvent.click(screen.getByText('恢复'));
  vi.useRealTimers();
  await waitFor(() => expect(sent).toEqual([`/v1/campaigns/${STOPPED.id}/resume`]));
});
