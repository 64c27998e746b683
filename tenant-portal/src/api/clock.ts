/// The server's time: what it says is due is due by its clock, however wrong this computer's is.
let aheadMs = 0;

/** From the `date` of an answer; it is cut to whole seconds, so that less than that is no news. */
export function learnClock(date: string | null, now = Date.now()): void {
  const at = date ? Date.parse(date) + 500 : NaN;
  if (Number.isFinite(at) && Math.abs(at - now - aheadMs) > 1_000) aheadMs = at - now;
}

export const serverNow = (now = Date.now()): number => now + aheadMs;
