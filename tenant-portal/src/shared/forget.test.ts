import { describe, expect, it, vi } from 'vitest';
import { answer, makeClient } from '@/testing/frame';
import { draftOf, keepDraft } from './drafts';
import { endSession, forgetPerson, hasRunOut, ME, meet, runOut } from './session';

const signIn = (client: ReturnType<typeof makeClient>, id: string) => {
  vi.stubGlobal('fetch', vi.fn(async () => answer({ user: { id } })));
  return meet(client);
};

describe('the end of a session', () => {
  it('leaves nothing for the next person', () => {
    const client = makeClient();
    client.setQueryData(ME, { user: { id: 'a' } });
    client.setQueryData(['leads', 'mine'], [{ id: 'lead of a' }]);
    keepDraft('follow-up x', { note: 'typed by a' });
    forgetPerson(client);
    expect(client.getQueryData(['leads', 'mine'])).toBeUndefined();
    expect(draftOf('follow-up x')).toBeUndefined();
    expect(client.getQueryData(ME)).toBeNull();
  });

  it('keeps what was typed for the same person where it merely ran out, and for nobody else', async () => {
    const client = makeClient();
    await signIn(client, 'a');
    client.setQueryData(['leads', 'mine'], [{ id: 'lead of a' }]);
    keepDraft('follow-up x', { note: 'typed by a' });
    endSession(client);
    expect(client.getQueryData(['leads', 'mine'])).toBeUndefined();
    await signIn(client, 'a');
    expect(draftOf('follow-up x')).toEqual({ note: 'typed by a' });
    endSession(client);
    await signIn(client, 'b');
    expect(draftOf('follow-up x')).toBeUndefined();
  });

  it('is known to have run out only where it was not the person who ended it', async () => {
    const client = makeClient();
    runOut(client);
    expect(hasRunOut()).toBe(false);
    await signIn(client, 'a');
    runOut(client);
    runOut(client);
    expect(hasRunOut()).toBe(true);
    await signIn(client, 'a');
    forgetPerson(client);
    runOut(client);
    expect(hasRunOut()).toBe(false);
  });
});
