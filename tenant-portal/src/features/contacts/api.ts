import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Contact, ContactCard } from '@/api/types';

export const CONTACTS = ['contacts'] as const;

export type ContactDraft = { name: string; number?: string; remark: string; group_ids: string[]; fields: Record<string, string> };

export const useContact = (id: string) =>
  useQuery({ queryKey: [...CONTACTS, 'card', id], queryFn: ({ signal }) => api.get<ContactCard>('/v1/contacts/{id}', { path: { id }, signal }) });

/** Runs a change and refreshes everything that shows contacts. */
export function useContactChange<V>(change: (value: V) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all([['contacts'], ['groups'], ['blacklist']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const saveContact = (id: string | null, draft: ContactDraft): Promise<Contact> =>
  id ? api.patch('/v1/contacts/{id}', draft, { path: { id } }) : api.post('/v1/contacts', draft);
export const archiveContacts = (ids: string[]): Promise<unknown> => api.post('/v1/contacts/archive', { ids });
export const archiveContact = (id: string): Promise<unknown> => api.post('/v1/contacts/{id}/archive', undefined, { path: { id } });
export const unarchiveContact = (id: string): Promise<unknown> => api.post('/v1/contacts/{id}/unarchive', undefined, { path: { id } });
export const deleteContact = (id: string): Promise<unknown> => api.del('/v1/contacts/{id}', { path: { id } });
