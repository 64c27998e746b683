import { cleanup, fireEvent, render, waitFor } from '@testing-library/react';
import dayjs from 'dayjs';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Lead } from '@/api/types';
import { dropDrafts, keepDraft } from '@/shared/drafts';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
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

it('offers only whole minutes to come for the next time, not this very moment', () => {
  render(form('e'));
  const field = document.querySelector('.ant-picker input') as HTMLInputElement;
  fireEvent.mouseDown(field);
  fireEvent.click(field);
  expect(document.querySelector('.ant-picker-presets')).not.toBeNull();
  expect(document.querySelector('.ant-picker-now')).toBeNull();
});

it('sends an appointment with its minute alone', async () => {
  const sent = vi.fn(async (_path: string, _init: { body: string }) => answer({}));
  vi.stubGlobal('fetch', sent);
  keepDraft('follow-up f', { result: 'x', status: 'following', next_at: dayjs('2030-01-02T10:00:27.300Z') });
  render(form('f'));
  fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true });
  await waitFor(() => expect(sent).toHaveBeenCalled());
  expect((JSON.parse(sent.mock.calls[0]?.[1].body ?? '{}') as { next_at: string }).next_at).toBe('2030-01-02T10:00:00.000Z');
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

it('is not saved by Enter in one of its fields', () => {
  render(form('g'));
  const fields = document.querySelectorAll<HTMLInputElement>('input:not([type=radio])');
  expect(fields.length).toBe(2);
  // False: what the browser would do by itself, hand in the form, was prevented.
  for (const field of fields) expect(fireEvent.keyDown(field, { key: 'Enter' })).toBe(false);
  expect(fireEvent.keyDown(note() as HTMLTextAreaElement, { key: 'Enter' })).toBe(true);
});

it('keeps a result as it was typed', () => {
  render(form('h'));
  const field = document.querySelector('input:not([type=radio])') as HTMLInputElement;
  fireEvent.change(field, { target: { value: '已联系' } });
  fireEvent.keyDown(field, { key: 'Tab', keyCode: 9, which: 9 });
  fireEvent.blur(field);
  expect(field.value).toBe('已联系');
});
