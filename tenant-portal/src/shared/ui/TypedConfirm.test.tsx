import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { browser, Frame, makeClient } from '@/testing/frame';
import { TypedConfirm } from './TypedConfirm';

beforeAll(browser);
afterEach(cleanup);

it('confirms nothing before something is typed, also for a thing without a name', () => {
  const confirm = vi.fn();
  render(
    <Frame client={makeClient()}>
      <TypedConfirm open title="" consequence="" word="" action="go" onConfirm={confirm} onCancel={() => undefined} />
    </Frame>,
  );
  const go = screen.getByText('go').closest('button');
  expect(go?.disabled).toBe(true);
  fireEvent.keyDown(document.querySelector('.ant-modal input') as HTMLInputElement, { key: 'Enter' });
  expect(confirm).not.toHaveBeenCalled();
});
