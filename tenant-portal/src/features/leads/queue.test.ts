import { describe, expect, it } from 'vitest';
import type { Lead } from '@/api/types';
import { isDue, nextAfter, ordered, tabOf } from './queue';

const lead = (id: string, status: Lead['status'], extra: Partial<Lead> = {}): Lead => ({
  id, status, contact: { id: 'c', name: '', number: '' }, call_id: 'x', label: { key: 'high', name: '高意向', rule: '' }, created_at: '2026-11-22T08:00:00Z', ...extra,
});
const ids = (leads: Lead[]) => leads.map((l) => l.id);

describe('the queue', () => {
  it('puts offers before accepted leads and those before follow-ups', () =>
    expect(ids(ordered([lead('f', 'following'), lead('a', 'accepted'), lead('o', 'offered')], 0))).toEqual(['o', 'a', 'f']));
  it('orders follow-ups by their time, those without one last', () =>
    expect(ids(ordered([lead('none', 'following'), lead('late', 'following', { next_at: '2026-11-23T00:00:00Z' }), lead('soon', 'following', { next_at: '2026-11-22T09:00:00Z' })], 0))).toEqual(['soon', 'late', 'none']));
  it('goes on to the next lead to do, not to the one just saved', () => {
    expect(nextAfter([lead('a', 'accepted'), lead('b', 'accepted')], 'a', 0)?.id).toBe('b');
    expect(nextAfter([lead('a', 'accepted'), lead('w', 'won')], 'a', 0)).toBeUndefined();
  });
  it('goes on to a follow-up only when its time has come', () => {
    const leads = [lead('a', 'accepted'), lead('f', 'following', { next_at: '2026-11-22T09:00:00Z' })];
    expect(nextAfter(leads, 'a', Date.parse('2026-11-22T08:59:00Z'))).toBeUndefined();
    expect(nextAfter(leads, 'a', Date.parse('2026-11-22T09:01:00Z'))?.id).toBe('f');
  });
  it('keeps closed leads apart', () => expect([tabOf(lead('w', 'won'), 0), tabOf(lead('d', 'dropped'), 0), tabOf(lead('o', 'offered'), 0)]).toEqual(['closed', 'closed', 'todo']));
  it('puts an appointment that came due first of what is to do', () => {
    const now = Date.parse('2026-11-22T09:01:00Z');
    const leads = [lead('o', 'offered'), lead('f', 'following', { next_at: '2026-11-22T09:00:00Z' })];
    expect([ids(ordered(leads, now)), tabOf(leads[1] as Lead, now), tabOf(leads[1] as Lead, 0)]).toEqual([['f', 'o'], 'todo', 'following']);
  });
  it('knows a follow-up that is due', () => {
    const due = lead('f', 'following', { next_at: '2026-11-22T09:00:00Z' });
    expect(isDue(due, Date.parse('2026-11-22T09:00:01Z'))).toBe(true);
    expect(isDue(due, Date.parse('2026-11-22T08:59:00Z'))).toBe(false);
  });
});
