/// What events say of a campaign that is shown. One may have been on its way while a newer answer was read: a campaign that
/// was just paused must not run again for a moment, under the hand that resumes it.
import type { LiveEvent } from '@/api/events';
import type { Campaign, CampaignState, Counters } from '@/api/types';

export function changed(campaign: Campaign | undefined, events: Pick<LiveEvent, 'data'>[]): Campaign | undefined {
  const last = events.filter((e) => e.data.campaign_id === campaign?.id).at(-1)?.data;
  if (!campaign || !last || String(last.updated_at) < campaign.updated_at) return campaign;
  const { state, updated_at, counters } = last as { state: CampaignState; updated_at: string; counters: Counters };
  return { ...campaign, state, updated_at, counters: { ...campaign.counters, ...counters } };
}
