/// The customer's card: what is typed in it is kept per lead until it is saved, by its own button or with the follow-up.
import type { Lead } from '@/api/types';
import { draftOf, dropDraft, keepDraft } from '@/shared/drafts';
import { changeContact, type ContactChange } from './api';

export type Card = { name?: string; remark?: string; fields?: Record<string, string | undefined> };
/** `opened` is the card that the person saw and changed. */
type Kept = { card: Card; opened: Card };

const keyOf = (lead: Lead): string => `customer ${lead.id}`;
const keptFor = (lead: Lead) => draftOf<Kept>(keyOf(lead));

/** What is typed and not saved. */
export const unsavedCard = (lead: Lead): Card | null => keptFor(lead)?.card ?? null;
export const openedCard = (lead: Lead): Card => keptFor(lead)?.opened ?? { name: lead.contact.name, remark: lead.contact.remark ?? '', fields: lead.contact.fields ?? {} };
export const keepCard = (lead: Lead, card: Card, opened: Card): void => keepDraft(keyOf(lead), { card, opened } satisfies Kept);

/** What a card says anew. An empty field is none. What it does not touch may have been changed by others meanwhile. */
export function changeOf(card: Card, opened: Card): ContactChange | null {
  const same = (typed: string | undefined, known: string | undefined) => (typed ?? '').trim() === (known ?? '').trim();
  const fields = Object.fromEntries(Object.entries(card.fields ?? {}).flatMap(([name, value]) => (value === undefined || same(value, opened.fields?.[name]) ? [] : [[name, value]])));
  const change: ContactChange = {
    ...(!same(card.name, opened.name) && { name: card.name?.trim() ?? '' }),
    ...(!same(card.remark, opened.remark) && { remark: card.remark?.trim() ?? '' }),
    ...(Object.keys(fields).length > 0 && { fields }),
  };
  return Object.keys(change).length > 0 ? change : null;
}

/** Saves what the card says anew; the card now known, where one was typed. What is typed meanwhile stays a draft. */
export async function saveCard(lead: Lead): Promise<Card | null> {
  const kept = keptFor(lead);
  if (!kept) return null;
  const change = changeOf(kept.card, kept.opened);
  if (change) await changeContact(lead.id, change);
  const since = unsavedCard(lead);
  if (since === kept.card) dropDraft(keyOf(lead));
  else if (since) keepCard(lead, since, kept.card);
  return kept.card;
}
