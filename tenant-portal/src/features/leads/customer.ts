/// The customer's card: what is typed in it is kept per lead until it is saved, by its own button or with the follow-up.
import type { Lead } from '@/api/types';
import { draftOf, dropDraft, keepDraft } from '@/shared/drafts';
import { changeContact } from './api';

export type Card = { name?: string; remark?: string; fields?: Record<string, string | undefined> };

const keyOf = (lead: Lead): string => `customer ${lead.id}`;

/** What is typed and not saved. */
export const unsavedCard = (lead: Lead): Card | null => draftOf<Card>(keyOf(lead)) ?? null;
export const cardOf = (lead: Lead): Card => unsavedCard(lead) ?? { name: lead.contact.name, remark: lead.contact.remark ?? '', fields: lead.contact.fields ?? {} };
export const keepCard = (lead: Lead, card: Card): void => keepDraft(keyOf(lead), card);

/** Says the card anything else than what is known of the customer? An empty field is none. */
export function differs(card: Card, { contact }: Lead): boolean {
  const same = (typed: string | undefined, known: string | null | undefined) => (typed ?? '').trim() === (known ?? '').trim();
  const known: Record<string, string | undefined> = contact.fields ?? {};
  return !same(card.name, contact.name) || !same(card.remark, contact.remark) || Object.entries(card.fields ?? {}).some(([name, value]) => !same(value, known[name]));
}

/** Saves the card where it says something new. What is typed meanwhile stays a draft. */
export async function saveCard(lead: Lead): Promise<void> {
  const card = unsavedCard(lead);
  if (!card) return;
  if (differs(card, lead)) {
    const fields = Object.fromEntries(Object.entries(card.fields ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    await changeContact(lead.id, { name: card.name?.trim() ?? '', remark: card.remark?.trim() ?? '', fields });
  }
  if (unsavedCard(lead) === card) dropDraft(keyOf(lead));
}
