import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Lead } from '@/api/types';
import { dropDrafts } from '@/shared/drafts';
import { browser, Frame, makeClient } from '@/testing/frame';
import { FollowUpForm } from './FollowUpForm';

const lead = (id: string, status: Lead['status'] = 'accepted'): Lead => ({
  id, status, contact: { id: 'c', name: '', number: '' }, call_id: 'x', label: { key: 'high', name: '', rule: '' }, created_at: '2026-11-22T08:00:00Z',
});
const client = makeClient();
const form = (id: string, status?: Lead['status']) => (
  <Frame client={client}>
    <FollowUpForm key={id} lead={lead(id, status)} saveFirst={async () => undefined} onSaved={() => undefined} />
  </Frame>
);
const note = () => document.querySelector('textarea');

beforeAll(browser);
afterEach(() => {
  cleanup();
  dropDrafts();
});

it('keeps what was typed about a lead while another one is open', () => {
  const { rerender } = render(form('a'));
  fireEvent.change(note() as HTMLTextAreaElement, { target: { value: 'calls back at nine' } });
  rerender(form('b'));
  expect(note()?.value).toBe('');
  rerender(form('a'));
  expect(note()?.value).toBe('calls back at nine');
});

const chosen = () => document.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value;

it('leaves a closed lead closed', () => {
  render(form('c', 'won'));
  expect(chosen()).toBe('won');
});

it('takes the result from a number key, but not out of a text', () => {
  render(form('d'));
  expect(chosen()).toBe('following');
  fireEvent.keyDown(note() as HTMLTextAreaElement, { key: '1' });
  expect(chosen()).toBe('following');
  fireEvent.keyDown(document.body, { key: '3' });
  expect(chosen()).toBe('dropped');
});
