import { describe, expect, it } from 'vitest';
import { makeClient } from '@/testing/frame';
import { draftOf, keepDraft } from './drafts';
import { forgetPerson, ME } from './session';

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
});
