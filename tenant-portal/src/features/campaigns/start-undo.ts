/// The pause that is offered for a moment after a start or restart: gone once the first call since was dialled, wherever
/// the campaign is shown.
import type { Counters } from '@/api/types';

export const UNDO_S = 30;

type Dialled = Pick<Counters, 'attempts' | 'in_call'>;
const NONE: Dialled = { attempts: 0, in_call: 0 };
const standing = new Map<string, { close: () => void; before: Dialled }>();

/** `before`: what had been dialled before, in an earlier run. */
export const keepStartUndo = (campaign: string, close: () => void, before = NONE): void => void standing.set(campaign, { close, before });

export function closeStartUndo(campaign: string, now: Dialled): void {
  const undo = standing.get(campaign);
  if (!undo || (now.attempts <= undo.before.attempts && now.in_call <= undo.before.in_call)) return;
  undo.close();
  standing.delete(campaign);
}
