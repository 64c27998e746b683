import dayjs from 'dayjs';
import { describe, expect, it } from 'vitest';
import { daysOf, periodOf } from './period';

describe('the period of a report', () => {
  it('holds the whole of its last day', () => {
    expect(periodOf({ days: '', from: '2026-11-01', to: '2026-11-03' })).toEqual({ from: dayjs('2026-11-01').toISOString(), to: dayjs('2026-11-04').toISOString() });
  });
  it('may be open at either end', () => {
    expect(periodOf({ days: '', from: '', to: '' })).toEqual({ from: null, to: null });
    expect(daysOf({ days: '', from: '', to: '2026-11-03' })).toEqual({ first: null, last: '2026-11-03' });
  });
  it('of one day is today', () => {
    expect(periodOf({ days: '1', from: '', to: '' }).from).toBe(dayjs().startOf('day').toISOString());
    expect(daysOf({ days: '7', from: '', to: '' }).first).toBe(dayjs().subtract(6, 'day').format('YYYY-MM-DD'));
  });
});
