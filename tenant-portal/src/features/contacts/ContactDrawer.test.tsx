import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { ContactDrawer } from './ContactDrawer';

beforeAll(browser);
afterEach(cleanup);

const refusal = { code: 'contact_number_taken', status: 409, params: { field: 'number' } };

it('says at the field of the number what is wrong with it', async () => {
  vi.stubGlobal('fetch', vi.fn(async (_path: string, { method }: { method: string }) => (method === 'POST' ? new Response(JSON.stringify(refusal), { status: 409 }) : answer({ items: [], next_cursor: null }))));
  const router = createMemoryRouter([{ path: '/', element: <ContactDrawer contact={null} onClose={() => undefined} /> }]);
  render(
    <Frame client={makeClient()}>
      <RouterProvider router={router} />
    </Frame>,
  );
  const fieldOf = (name: string) => document.getElementById(name)?.closest('.ant-form-item') as HTMLElement;
  await waitFor(() => expect(fieldOf('number').querySelector('.ant-form-item-required')).not.toBeNull());
  fireEvent.change(document.getElementById('name') as HTMLElement, { target: { value: 'n' } });
  fireEvent.change(document.getElementById('number') as HTMLElement, { target: { value: '010-1' } });
  fireEvent.click(screen.getByText('保存'));
  await waitFor(() => expect(fieldOf('number').querySelector('.ant-form-item-explain-error')?.textContent).toBe('该号码已在客户名单中'));
  expect(document.querySelector('.bb-trouble')).toBeNull();
});
