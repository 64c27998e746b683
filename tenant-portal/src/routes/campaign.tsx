export { CampaignPage as Component } from '@/features/campaigns/CampaignPage';
