import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { EditorContext, type Editor } from './editor';
import { TryOut } from './TryOut';

beforeAll(async () => {
  await browser();
  Element.prototype.scrollIntoView = () => undefined;
});
afterEach(cleanup);

it('names a built-in intent in the words of the portal, one of the script as the script does', async () => {
  const turns = [
    { who: 'customer', text: 'a', intent: 'affirm', intent_name: 'as the server says' },
    { who: 'customer', text: 'b', intent: 'intent_1', intent_name: '问利率' },
  ];
  vi.stubGlobal('fetch', vi.fn(async () => answer({ turns, slots: {}, ended: false, opted_out: false })));
  const editor = { flow: { nodes: [] }, readOnly: false } as unknown as Editor;
  render(
    <Frame client={makeClient()}>
      <EditorContext value={editor}>
        <TryOut id="s" />
      </EditorContext>
    </Frame>,
  );
  fireEvent.click(screen.getByText('开始试聊'));
  await screen.findByText(/肯定/);
  expect(screen.queryByText(/as the server says/)).toBeNull();
  await screen.findByText(/问利率/);
});
