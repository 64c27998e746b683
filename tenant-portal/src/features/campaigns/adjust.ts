/// What may still be changed once a campaign has started, and what of it was.
import type { Campaign, CampaignState } from '@/api/types';
import type { CampaignDraft } from './api';

export type Adjustment = Pick<CampaignDraft, 'name' | 'remark' | 'trunk_id' | 'windows' | 'max_calls' | 'retry'>;

export const adjustmentOf = (c: Campaign): Adjustment => ({
  name: c.name,
  remark: c.remark,
  trunk_id: c.trunk_id ?? '',
  windows: c.windows,
  max_calls: c.max_calls,
  retry: c.retry,
});

/** The line stays as it is while calls are placed over it. */
export const trunkLocked = (state: CampaignState): boolean => state === 'running';

/** Only what differs, and nothing that is locked. */
export function changed(before: Adjustment, after: Adjustment, state: CampaignState): Partial<Adjustment> {
  const keys = (Object.keys(after) as (keyof Adjustment)[]).filter((key) => key !== 'trunk_id' || !trunkLocked(state));
  return Object.fromEntries(keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])).map((key) => [key, after[key]]));
}
