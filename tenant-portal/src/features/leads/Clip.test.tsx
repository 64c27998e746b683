import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { Clip } from './Clip';

beforeAll(browser);
afterEach(cleanup);

it('says that a clip did not play, until it does', async () => {
  vi.stubGlobal('fetch', vi.fn(async () => answer({ id: 'x', turns: [], recording: { state: 'ready' } })));
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockReturnValue();
  const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockRejectedValueOnce(new DOMException('', 'NotSupportedError'));
  render(
    <Frame client={makeClient()}>
      <Clip call_id="x" />
    </Frame>,
  );
  fireEvent.click(await screen.findByText('听关键 10 秒'));
  await screen.findByRole('alert');
  play.mockResolvedValue();
  fireEvent.click(screen.getByText('听关键 10 秒'));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});
