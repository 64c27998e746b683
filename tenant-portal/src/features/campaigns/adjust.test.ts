import { describe, expect, it } from 'vitest';
import { changed, type Adjustment } from './adjust';

const before: Adjustment = { name: '回访', remark: '', trunk_id: 'a', windows: [{ weekdays: [1], from: '09:00', to: '12:00' }], max_calls: 10, retry: { attempts: 2, interval_s: 45 } };

describe('an adjustment', () => {
  it('names nothing where nothing differs', () => expect(changed(before, structuredClone(before), 'running')).toEqual({}));
  it('names only what differs', () => {
    const windows = [{ weekdays: [1], from: '10:00', to: '12:00' }];
    expect(changed(before, { ...before, windows, max_calls: 4 }, 'running')).toEqual({ windows, max_calls: 4 });
  });
  it('moves to another line only while nothing is dialled', () => {
    expect(changed(before, { ...before, trunk_id: 'b' }, 'running')).toEqual({});
    expect(changed(before, { ...before, trunk_id: 'b' }, 'paused')).toEqual({ trunk_id: 'b' });
  });
});
