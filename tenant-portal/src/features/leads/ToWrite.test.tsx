import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Lead } from '@/api/types';
import { dropDrafts } from '@/shared/drafts';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { ToWrite } from './Workbench';

const lead = (id: string): Lead => ({
  id, status: 'accepted', contact: { id: 'c', name: '刘洋', number: '', remark: '', fields: { 城市: '上海' } }, call_id: 'x', label: { key: 'high', name: '', rule: '' }, created_at: '2026-11-22T08:00:00Z',
});
const client = makeClient();
const onSaved = vi.fn();
const page = (id: string) => (
  <Frame client={client}>
    <ToWrite key={id} lead={lead(id)} onSaved={onSaved} />
  </Frame>
);

type Sent = { what: string; body: Record<string, unknown> };
/** Every request that changes something, in order; the one named is refused. */
function server(refused?: string): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', vi.fn(async (path: string, { method, body }: { method: string; body?: string }) => {
    const what = `${method} ${path}`;
    if (method !== 'GET') sent.push({ what, body: JSON.parse(body ?? 'null') as Record<string, unknown> });
    return what === refused ? new Response(JSON.stringify({ code: 'refused_test' }), { status: 409 }) : answer({ items: [] });
  }));
  return sent;
}
const PATCH = 'PATCH /v1/leads/a/contact';
const POST = 'POST /v1/leads/a/follow-ups';
const typeName = (name: string) => fireEvent.change(screen.getByLabelText('姓名'), { target: { value: name } });
const addField = (name: string, value: string) => {
  fireEvent.change(screen.getByLabelText('添加一项'), { target: { value: name } });
  fireEvent.click(screen.getByText('添加'));
  fireEvent.change(screen.getByLabelText(name), { target: { value } });
};
const saveBoth = async () => {
  fireEvent.change(await screen.findByLabelText('沟通结果'), { target: { value: '已联系' } });
  fireEvent.click(screen.getByText('已成交'));
  await waitFor(() => expect(screen.queryByLabelText('下次跟进')).toBeNull());
  fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true });
};

beforeAll(browser);
afterEach(() => {
  cleanup();
  dropDrafts();
  onSaved.mockClear();
});

it('saves the customer before the follow-up, then goes on', async () => {
  const sent = server();
  render(page('a'));
  typeName('刘扬 ');
  addField('额度', '10万');
  await saveBoth();
  await waitFor(() => expect(onSaved).toHaveBeenCalledTimes(1));
  expect(sent.map((s) => s.what)).toEqual([PATCH, POST]);
  expect(sent[0]?.body).toEqual({ name: '刘扬', fields: { 额度: '10万' } });
});

it('sends no customer that is as it was', async () => {
  const sent = server();
  render(page('a'));
  typeName('刘扬');
  typeName('刘洋');
  await saveBoth();
  await waitFor(() => expect(onSaved).toHaveBeenCalledTimes(1));
  expect(sent.map((s) => s.what)).toEqual([POST]);
});

it('sends only what was changed since it was last saved', async () => {
  const sent = server();
  render(page('a'));
  typeName('刘扬');
  fireEvent.click(screen.getByText('保存'));
  await waitFor(() => expect(screen.queryByText('保存')).toBeNull());
  typeName('刘洋');
  fireEvent.change(screen.getByLabelText('城市'), { target: { value: '' } });
  fireEvent.click(screen.getByText('保存'));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map((s) => s.body)).toEqual([{ name: '刘扬' }, { name: '刘洋', fields: { 城市: '' } }]);
});

it('stays with what was typed, and says why once, when the customer cannot be saved', async () => {
  const sent = server(PATCH);
  render(page('a'));
  typeName('刘扬');
  fireEvent.click(screen.getByText('保存'));
  await screen.findByText(/refused_test/);
  await saveBoth();
  await waitFor(() => expect(sent.map((s) => s.what)).toEqual([PATCH, PATCH]));
  await waitFor(() => expect(screen.getAllByText(/refused_test/)).toHaveLength(1));
  expect(onSaved).not.toHaveBeenCalled();
  expect(screen.getByLabelText<HTMLInputElement>('姓名').value).toBe('刘扬');
  expect(screen.getByLabelText<HTMLInputElement>('沟通结果').value).toBe('已联系');
});

it('does not send a customer again whose follow-up failed', async () => {
  const sent = server(POST);
  render(page('a'));
  typeName('刘扬');
  await saveBoth();
  await screen.findByText(/refused_test/);
  expect(sent.map((s) => s.what)).toEqual([PATCH, POST]);
  expect(onSaved).not.toHaveBeenCalled();
  expect(screen.getByLabelText<HTMLInputElement>('姓名').value).toBe('刘扬');
});

it('keeps what was typed about a customer while another lead is open', () => {
  server();
  const { rerender } = render(page('a'));
  typeName('刘扬');
  addField('额度', '10万');
  rerender(page('b'));
  expect(screen.getByLabelText<HTMLInputElement>('姓名').value).toBe('刘洋');
  rerender(page('a'));
  expect(screen.getByLabelText<HTMLInputElement>('姓名').value).toBe('刘扬');
  expect(screen.getByLabelText<HTMLInputElement>('额度').value).toBe('10万');
  expect(screen.getByText('保存')).toBeTruthy();
});
