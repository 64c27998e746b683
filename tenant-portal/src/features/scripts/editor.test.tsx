import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Script } from '@/api/types';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { dropDrafts } from '@/shared/drafts';
import { isStale, useEditor } from './editor';
import type { Flow } from './flow';

const script = (revision: number, words: string): Script => ({
  id: 's', name: '', category: '', remark: '', archived: false, draft: { revision, updated_at: '', changed: true, flow: { nodes: [{ text: words }] } },
});
const wrapper = ({ children }: { children: ReactNode }) => <Frame client={makeClient()}>{children}</Frame>;
const words = (flow: unknown) => (flow as { nodes: { text: string }[] }).nodes[0]?.text;

beforeAll(browser);
afterEach(() => {
  cleanup();
  dropDrafts();
});

describe('the editor of a script', () => {
  it('takes over a draft that a rollback replaced, and saves on top of it', async () => {
    const sent: { revision: number }[] = [];
    vi.stubGlobal('fetch', vi.fn(async (_path: string, { body }: { body: string }) => {
      sent.push(JSON.parse(body) as { revision: number });
      return answer(script(4, 'typed'));
    }));
    const { result, rerender } = renderHook(({ s }) => useEditor(s, false), { wrapper, initialProps: { s: script(1, 'before') } });
    rerender({ s: script(3, 'rolled back') });
    expect(words(result.current.flow)).toBe('rolled back');
    act(() => result.current.set(['nodes', 0, 'text'], 'typed'));
    await act(() => result.current.flush());
    expect(sent.map((s) => s.revision)).toEqual([3]);
    expect(result.current.save.is).toBe('saved');
  });

  it('keeps what is typed and not saved', () => {
    const { result, rerender } = renderHook(({ s }) => useEditor(s, false), { wrapper, initialProps: { s: script(1, 'before') } });
    act(() => result.current.set(['nodes', 0, 'text'], 'typed'));
    rerender({ s: script(3, 'rolled back') });
    expect(words(result.current.flow)).toBe('typed');
  });
});

describe('a draft that somebody else saved meanwhile', () => {
  const stale = () => new Response(JSON.stringify({ code: 'script_stale', params: { revision: 5 } }), { status: 409 });
  const typed = async (said: (body: { revision: number; flow: unknown }) => Response) => {
    vi.stubGlobal('fetch', vi.fn(async (_path: string, { body }: { body: string }) => said(JSON.parse(body) as { revision: number; flow: unknown })));
    const hook = renderHook(() => useEditor(script(1, 'before'), false), { wrapper });
    act(() => hook.result.current.set(['nodes', 0, 'text'], 'typed'));
    await act(() => hook.result.current.flush());
    return hook.result;
  };
  const answers = (body: { revision: number; flow: unknown }) => (body.revision < 5 ? stale() : answer({ ...script(6, ''), draft: { revision: 6, updated_at: '', changed: true, flow: body.flow } }));

  it('is replaced by what is here when the person says so', async () => {
    const result = await typed(answers);
    expect(isStale(result.current.save)).toBe(true);
    act(() => result.current.set(['nodes', 0, 'text'], 'typed on'));
    expect(isStale(result.current.save)).toBe(true);
    await act(() => result.current.saveOver(script(5, 'theirs')));
    expect(result.current.save.is).toBe('saved');
    expect(words(result.current.flow)).toBe('typed on');
  });

  it('takes the place of what is here when the person gives that up', async () => {
    const result = await typed(answers);
    act(() => result.current.giveUp(script(5, 'theirs')));
    expect([words(result.current.flow), result.current.save.is, result.current.unsaved()]).toEqual(['theirs', 'saved', false]);
  });
});

it('finds again what was typed before the session ran out', async () => {
  vi.stubGlobal('fetch', vi.fn(async () => new Response('{}', { status: 401 })));
  const first = renderHook(() => useEditor(script(1, 'before'), false), { wrapper });
  act(() => first.result.current.set(['nodes', 0, 'text'], 'typed'));
  await act(() => first.result.current.flush());
  first.unmount();
  const second = renderHook(() => useEditor(script(1, 'before'), false), { wrapper });
  expect([words(second.result.current.flow), second.result.current.save.is]).toEqual(['typed', 'changed']);
});

describe('what was taken out', () => {
  const out = (flow: Flow): Flow => ({ ...flow, nodes: [] });
  const begun = script(1, 'before');
  const Taking = () => {
    const { flow: before, takeOut } = useEditor(begun, false);
    return <button onClick={() => takeOut({ said: 'taken out', list: 'nodes', index: 0, out, back: (flow) => ({ ...flow, nodes: before.nodes }) })}>{words(before) ?? 'nothing'}</button>;
  };
  const taken = () => {
    const client = makeClient();
    const { rerender } = render(<Frame client={client}><Taking /></Frame>);
    fireEvent.click(screen.getByText('before'));
    return { leave: () => rerender(<Frame client={client}>{null}</Frame>) };
  };

  it('can be put back while the script is open', async () => {
    taken();
    expect(screen.queryByText('before')).toBeNull();
    fireEvent.click(await screen.findByText('撤销'));
    expect(await screen.findByText('before')).toBeTruthy();
  });

  it('can no more be put back when the script is left', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => answer(script(2, 'saved'))));
    const { leave } = taken();
    await screen.findByText('撤销');
    leave();
    // No animation ends here: a notice that goes stays in its leaving.
    await waitFor(() => expect(document.querySelector('.ant-notification-notice:not([class*=-leave])')).toBeNull());
  });
});
