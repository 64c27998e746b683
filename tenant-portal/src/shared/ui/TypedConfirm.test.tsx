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

it('takes a name without its spaces and middle dots, in any case, and no other name', () => {
  render(
    <Frame client={makeClient()}>
      <TypedConfirm open title="" consequence="" word="Loan · 真号组 · 11月26日" action="go" onConfirm={() => undefined} onCancel={() => undefined} />
    </Frame>,
  );
  const go = screen.getByText('go').closest('button');
  const field = document.querySelector('.ant-modal input') as HTMLInputElement;
  fireEvent.change(field, { target: { value: 'loan真号组' } });
  expect(go?.disabled).toBe(true);
  fireEvent.change(field, { target: { value: 'loan 真号组11月26日' } });
  expect(go?.disabled).toBe(false);
});
