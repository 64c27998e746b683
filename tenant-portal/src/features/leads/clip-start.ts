import type { Turn } from '@/api/types';

const LEAD_IN_MS = 1_500;

/** A little before the customer's words that were quoted; the beginning where they are not found. */
export function clipStart(turns: Turn[], quote: string | null | undefined): number {
  const said = quote ? turns.find((turn) => turn.who === 'customer' && turn.text.includes(quote)) : undefined;
  return Math.max(0, (said?.start_ms ?? 0) - LEAD_IN_MS);
}
