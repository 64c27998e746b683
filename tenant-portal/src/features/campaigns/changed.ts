/// What an event says of a campaign that is shown. It may have been on its way while a newer answer was read: a campaign that
/// was just paused must not run again for a moment, under the hand that resumes it.
import type { LiveEvent } from '@/api/events';
import type { Campaign, CampaignState, Counters } from '@/api/types';

export function changed(campaign: Campaign | undefined, event: Pick<LiveEvent, 'data'>): Campaign | undefined {
  const { state, updated_at, counters } = event.data as { state: CampaignState; updated_at: string; counters: Counters };
  if (!campaign || updated_at < campaign.updated_at) return campaign;
  return { ...campaign, state, updated_at, counters: { ...campaign.counters, ...counters } };
}
