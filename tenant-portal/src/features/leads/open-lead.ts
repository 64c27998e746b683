/// The lead that stands open beside the queue. One that was only offered is closed when the offer goes to somebody else:
/// it is not this agent's to ask for any more.
import { useIsMutating, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Lead } from '@/api/types';
import { forgetLead, LEADS, useLead } from './api';

export function useOpenLead(mine: Lead[] | undefined, id: string | null, close: () => void) {
  const client = useQueryClient();
  // Between accepting one and the queue that shows it, it may be missing there.
  const changing = useIsMutating({ mutationKey: LEADS }) > 0;
  const inQueue = mine?.find((l) => l.id === id);
  const [offered, setOffered] = useState<string | null>(null);
  const stillOffered = inQueue ? inQueue.status === 'offered' : offered === id;
  const seen = stillOffered ? id : null;
  if (seen !== offered) setOffered(seen);
  const gone = id !== null && mine !== undefined && !inQueue && seen === id;
  // A closed lead is not among the open ones.
  const other = useLead(mine && !inQueue && !gone ? id : null);
  useEffect(() => {
    if (!gone || changing) return;
    forgetLead(client, id);
    close();
  });
  return { lead: inQueue ?? (id && !gone ? other.data : null) ?? null, other };
}
