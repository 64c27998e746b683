import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { Problem } from '@/api/problem';
import { browser, Frame, makeClient } from '@/testing/frame';
import { NotHere } from './NotHere';

beforeAll(browser);
afterEach(cleanup);

const shown = (error: unknown) => {
  const element = <NotHere error={error} back={{ to: '/calls', text: '通话记录' }} onRetry={() => undefined} />;
  const router = createMemoryRouter([{ path: '/', element }, { path: '/calls', element: <p>the others</p> }]);
  render(
    <Frame client={makeClient()}>
      <RouterProvider router={router} />
    </Frame>,
  );
};

it('leads from a thing that is gone to the others', async () => {
  shown(new Problem('not_found', 404));
  expect(screen.queryByText('重试')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: /通话记录/ }));
  await screen.findByText('the others');
});

it('offers to try again where the server failed', () => {
  shown(new Problem('internal', 500));
  expect(screen.queryByText('重试')).not.toBeNull();
});
