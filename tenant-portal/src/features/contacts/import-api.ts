import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useEvents } from '@/api/events';
import { api } from '@/api/http';
import type { Import, ImportPreview } from '@/api/types';
import { outdate, usePages } from '@/shared/hooks/pages';

export const IMPORTS = ['imports'] as const;

export const isOver = (i: Pick<Import, 'state'>): boolean => i.state === 'done' || i.state === 'failed';

/** One import as the server sees it; asked every second while it runs, so a reload loses nothing. */
export function useImport(id: string) {
  const client = useQueryClient();
  useEvents(['import.progress'], (events) => {
    if (events.some((e) => e.data.import_id === id)) void client.invalidateQueries({ queryKey: [...IMPORTS, id] });
  });
  const query = useQuery({
    queryKey: [...IMPORTS, id],
    queryFn: ({ signal }) => api.get<Import>('/v1/imports/{id}', { path: { id }, signal }),
    refetchInterval: ({ state }) => ((state.data ? isOver(state.data) : state.error) ? false : 1000),
  });
  const over = query.data !== undefined && isOver(query.data);
  // What was imported is in contacts, groups and the list of imports from now on.
  useEffect(() => {
    if (over) outdate(client, [['contacts'], ['groups'], [...IMPORTS, 'list']]);
  }, [client, over]);
  return query;
}

export const useImports = () => usePages<Import>([...IMPORTS, 'list'], '/v1/imports', {}, { limit: 50 });

export function previewImport(file: File): Promise<ImportPreview> {
  const form = new FormData();
  form.set('file', file);
  return api.post('/v1/imports/preview', form);
}

/** `mapping`: column index → field name, or `skip`. */
export function startImport(file: File, group: string, mapping: Record<string, string>, policy: 'skip' | 'overwrite'): Promise<{ id: string }> {
  const form = new FormData();
  form.set('group', group);
  form.set('mapping', JSON.stringify(mapping));
  form.set('policy', policy);
  form.set('file', file);
  return api.post('/v1/imports', form);
}
