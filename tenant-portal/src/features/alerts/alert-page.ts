import type { Alert } from '@/api/types';
import { useSees } from '@/shared/session';

/** Where to look into an alert: the campaign or the lines, as far as the person may see them. */
export function useAlertPage(): (alert: Pick<Alert, 'campaign_id' | 'trunk_id'>) => string | null {
  const sees = useSees();
  return (alert) => (alert.campaign_id && sees('campaigns') ? `/campaigns/${alert.campaign_id}` : alert.trunk_id && sees('trunks') ? '/trunks' : null);
}
