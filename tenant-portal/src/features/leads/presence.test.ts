import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, makeClient } from '@/testing/frame';
import { choose, chosen, forgetIfStale } from './choice';
import { beat, PRESENCE } from './presence';

const mine = (state: string) => ({ user: { id: 'a', name: '' }, state });
const server = () => {
  const said: string[] = [];
  vi.stubGlobal('fetch', vi.fn(async (_path: string, { body }: { body: string }) => {
    const { state } = JSON.parse(body) as { state: string };
    said.push(state);
    return answer(mine(state));
  }));
  return said;
};

afterEach(() => localStorage.clear());

describe('the beat of a tab', () => {
  it('says what the person chose in another tab, not what this one knew', async () => {
    const said = server();
    const client = makeClient();
    client.setQueryData(PRESENCE, { items: [mine('online')] });
    choose('a', 'busy');
    await beat(client, 'a');
    expect(said).toEqual(['busy']);
    expect(client.getQueryData(PRESENCE)).toEqual({ items: [mine('busy')] });
  });

  it('says nothing for somebody who is away, or who chose on another machine', async () => {
    const said = server();
    await beat(makeClient(), 'a');
    choose('a', 'offline');
    await beat(makeClient(), 'a');
    choose('b', 'online');
    await beat(makeClient(), 'a');
    expect(said).toEqual([]);
  });
});

describe('a tab that opens', () => {
  it('goes on with a choice that another tab, or the one before a reload, beats for', () => {
    choose('a', 'online', 1_000);
    forgetIfStale('a', 20_000);
    expect(chosen('a')).toBe('online');
  });

  it('does not bring yesterday back', () => {
    choose('a', 'online', 1_000);
    forgetIfStale('a', 60_000);
    expect(chosen('a')).toBeNull();
  });
});
