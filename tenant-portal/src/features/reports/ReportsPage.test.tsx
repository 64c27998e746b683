import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { ReportsPage } from './ReportsPage';

beforeAll(browser);
afterEach(cleanup);

const LINE = { contacts: 1234, attempts: 0, connected: 0, connect_rate: null, labels: [], leads: 0, won: 0, conversion_rate: null, talk_ms_avg: null };

it('dims the figures of the period before while those of the chosen one are on their way', async () => {
  vi.stubGlobal('fetch', vi.fn(async (path: string) => {
    if (path.includes('from=')) await new Promise(() => undefined);
    return answer(path.startsWith('/v1/reports/campaigns') ? { items: [], total: LINE, omitted: 0 } : { items: [] });
  }));
  const client = makeClient();
  client.setQueryData(ME, { user: { id: 'u', role: 'operator' }, permissions: ['reports.read'] });
  render(
    <MemoryRouter>
      <Frame client={client}>
        <ReportsPage />
      </Frame>
    </MemoryRouter>,
  );
  const figures = (await screen.findByText('1,234')).closest('.bb-report');
  expect(figures?.getAttribute('aria-busy')).toBe('false');
  fireEvent.click(screen.getByText('近 7 天'));
  await waitFor(() => expect(figures?.getAttribute('aria-busy')).toBe('true'));
  expect(figures?.classList.contains('is-dim')).toBe(true);
});
