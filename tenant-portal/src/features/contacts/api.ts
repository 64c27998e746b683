import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Contact, ContactCard, Group } from '@/api/types';
import { outdate, type PageOf } from '@/shared/hooks/pages';

export const CONTACTS = ['contacts'] as const;

export type ContactDraft = { name: string; number?: string; remark: string; group_ids: string[]; fields: Record<string, string> };

export const useContact = (id: string) =>
  useQuery({ queryKey: [...CONTACTS, 'card', id], queryFn: ({ signal }) => api.get<ContactCard>('/v1/contacts/{id}', { path: { id }, signal }) });

/** Runs a change and refreshes everything that shows contacts. */
export function useContactChange<V, R>(change: (value: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => outdate(client, [CONTACTS, ['groups'], ['blacklist']]),
  });
}

export const saveContact = (id: string | null, draft: ContactDraft): Promise<Contact> =>
  id ? api.patch('/v1/contacts/{id}', draft, { path: { id } }) : api.post('/v1/contacts', draft);
export const archiveContacts = (ids: string[]): Promise<unknown> => api.post('/v1/contacts/archive', { ids });
export const archiveContact = (id: string): Promise<unknown> => api.post('/v1/contacts/{id}/archive', undefined, { path: { id } });
export const unarchiveContact = (id: string): Promise<unknown> => api.post('/v1/contacts/{id}/unarchive', undefined, { path: { id } });
export const deleteContact = (id: string): Promise<unknown> => api.del('/v1/contacts/{id}', { path: { id } });
/** The number was found dead by mistake, or has an owner again. */
export const callAgain = (id: string): Promise<unknown> => api.patch('/v1/contacts/{id}', { dead: false }, { path: { id } });

/** Groups with this in their name, newest first. */
export const groupsNamed = async (q: string, signal?: AbortSignal): Promise<Group[]> =>
  (await api.get<PageOf<Group>>('/v1/groups', { query: { q, limit: 200 }, signal })).items;

/** What the server takes at once. */
const AT_ONCE = 1000;

/** Puts contacts into the group of that name, which is made where there is none; how many were not in it. */
export async function addToGroup(name: string, ids: string[]): Promise<number> {
  const known = (await groupsNamed(name)).find((group) => group.name === name);
  const { id } = known ?? (await api.post<Group>('/v1/groups', { name, remark: '' }));
  let added = 0;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const contact_ids = ids.slice(from, from + AT_ONCE);
    added += (await api.post<{ added: number }>('/v1/groups/{id}/contacts', { contact_ids }, { path: { id } })).added;
  }
  return added;
}
