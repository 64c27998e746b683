/// An agent's own leads by name or number, as Ctrl+K asks for them. The server keeps numbers masked: typed digits are
/// compared with what is shown of them.
import { useQuery } from '@tanstack/react-query';
import type { Lead, LeadStatus } from '@/api/types';
import { allOf, LEADS } from './api';

const EVERY: LeadStatus[] = ['offered', 'accepted', 'following', 'won', 'dropped'];
const SHOWN_FIRST = 3;
const SHOWN_LAST = 4;

/** Does the text name the lead's person, or their number: the whole of it, its beginning or its end? */
export function isNamed(lead: Pick<Lead, 'contact'>, text: string): boolean {
  const { name, number } = lead.contact;
  if (name.toLowerCase().includes(text.toLowerCase())) return true;
  const digits = text.replace(/[\s-]/g, '').replace(/^(\+|00)86/, '');
  if (!/^\d{3,}$/.test(digits)) return false;
  if (digits.length <= SHOWN_LAST) return number.endsWith(digits) || number.startsWith(digits);
  return digits.length === number.length && number.startsWith(digits.slice(0, SHOWN_FIRST)) && number.endsWith(digits.slice(-SHOWN_LAST));
}

/** Asked for once, then searched here; an event about a lead outdates it. */
export const useOwnLeads = (enabled: boolean) =>
  useQuery({
    queryKey: [...LEADS, 'every'],
    queryFn: async ({ signal }) => (await Promise.all(EVERY.map((status) => allOf(status, signal)))).flat(),
    enabled,
    staleTime: 30_000,
  });
