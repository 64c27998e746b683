import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { EdgesPage } from './EdgesPage';

beforeAll(browser);
afterEach(cleanup);

it('keeps a one-time token on the screen until it is closed on purpose', async () => {
  vi.stubGlobal('fetch', vi.fn(async (_path: string, { method }: { method?: string }) => answer(method === 'POST' ? { token: 'once-only', expires_at: '2026-11-22T08:00:00Z' } : { items: [] })));
  const client = makeClient();
  client.setQueryData(ME, { user: { id: 'u', role: 'admin' }, permissions: ['edges.read', 'edges.manage'] });
  render(
    <MemoryRouter>
      <Frame client={client}>
        <EdgesPage />
      </Frame>
    </MemoryRouter>,
  );
  fireEvent.click((await screen.findAllByRole('button', { name: '接入网关' }))[0] as HTMLElement);
  fireEvent.change(await screen.findByLabelText(/网关名称/), { target: { value: '杭州' } });
  const aside = () => {
    const around = document.querySelector('.ant-modal-wrap') as HTMLElement;
    fireEvent.mouseDown(around);
    fireEvent.click(around);
  };
  aside();
  fireEvent.click(await screen.findByRole('button', { name: '生成接入令牌' }));
  await screen.findByText('once-only');
  aside();
  fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
  expect(screen.getByText('once-only')).toBeTruthy();
  fireEvent.click(screen.getAllByRole('button', { name: '关闭' }).at(-1) as HTMLElement);
  await waitFor(() => expect(screen.queryByText('once-only')).toBeNull());
});
