import { describe, expect, it } from 'vitest';
import type { Campaign } from '@/api/types';
import { changed } from './changed';

const at = (seconds: number) => `2026-01-31T09:00:0${seconds}.000Z`;
const PAUSED = { id: 'c', state: 'paused', updated_at: at(5), counters: { total: 20, waiting: 19, called: 1 } } as unknown as Campaign;
const event = (state: string, seconds: number) => ({ data: { campaign_id: 'c', state, updated_at: at(seconds), counters: { waiting: 18 } } });

describe('a campaign that is shown', () => {
  it('takes the state and the counters of an event', () =>
    expect(changed(PAUSED, event('stopped', 7))).toMatchObject({ state: 'stopped', updated_at: at(7), counters: { total: 20, waiting: 18, called: 1 } }));
  it('counts on while its state stays', () => expect(changed(PAUSED, event('paused', 5))).toMatchObject({ state: 'paused', counters: { waiting: 18 } }));
  it('ignores an event that is older than what was answered', () => expect(changed(PAUSED, event('running', 1))).toBe(PAUSED));
  it('is not there before it was read', () => expect(changed(undefined, event('running', 6))).toBeUndefined());
});
