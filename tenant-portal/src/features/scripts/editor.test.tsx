import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Script } from '@/api/types';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { useEditor } from './editor';

const script = (revision: number, words: string): Script => ({
  id: 's', name: '', category: '', remark: '', archived: false, draft: { revision, updated_at: '', flow: { nodes: [{ text: words }] } },
});
const wrapper = ({ children }: { children: ReactNode }) => <Frame client={makeClient()}>{children}</Frame>;
const words = (flow: unknown) => (flow as { nodes: { text: string }[] }).nodes[0]?.text;

beforeAll(browser);
afterEach(cleanup);

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
