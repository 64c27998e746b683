export { CampaignWizard as Component } from '@/features/campaigns/CampaignWizard';
