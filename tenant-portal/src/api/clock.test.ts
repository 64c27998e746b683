import { expect, it } from 'vitest';
import { learnClock, serverNow } from './clock';

it('tells the time of the server on a computer whose clock is ten minutes slow', () => {
  const here = Date.parse('2026-11-22T08:00:00Z');
  learnClock('Sun, 22 Nov 2026 08:10:00 GMT', here);
  expect(Math.abs(serverNow(here) - Date.parse('2026-11-22T08:10:00Z'))).toBeLessThanOrEqual(1_000);
  learnClock(null, here);
  expect(serverNow(here)).toBeGreaterThan(here);
});
