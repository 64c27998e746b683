import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Finding, Script, ScriptVersion, Voice } from '@/api/types';
import type { PageOf } from '@/shared/hooks/pages';
import type { Flow } from './flow';

export const SCRIPTS = ['scripts'] as const;

const listOf = <T>(answer: PageOf<T> | T[]): T[] => (Array.isArray(answer) ? answer : answer.items);

export const getScript = (id: string, signal?: AbortSignal): Promise<Script> => api.get('/v1/scripts/{id}', { path: { id }, signal });

export const useScript = (id: string) =>
  useQuery({
    queryKey: [...SCRIPTS, 'one', id],
    queryFn: ({ signal }) => getScript(id, signal),
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  });

export const useVersions = (id: string) =>
  useQuery({
    queryKey: [...SCRIPTS, 'versions', id],
    queryFn: async ({ signal }) => listOf(await api.get<PageOf<ScriptVersion> | ScriptVersion[]>('/v1/scripts/{id}/versions', { path: { id }, signal })),
  });

/** One version with its words; a published version never changes. */
export const useVersion = (id: string, version_id: string | null) =>
  useQuery({
    queryKey: [...SCRIPTS, 'version', id, version_id],
    queryFn: ({ signal }) => api.get<ScriptVersion>('/v1/scripts/{id}/versions/{version_id}', { path: { id, version_id: version_id ?? '' }, signal }),
    enabled: version_id !== null,
    staleTime: Infinity,
  });

export const useVoices = () =>
  useQuery({ queryKey: ['voices'], queryFn: async ({ signal }) => listOf(await api.get<PageOf<Voice> | Voice[]>('/v1/voices', { signal })), staleTime: Infinity });

/** The server gives it a short flow to start from. */
export const createScript = (body: { name: string; category: string; remark: string }): Promise<Script> => api.post('/v1/scripts', body);
export const patchScript = (id: string, body: { name?: string; category?: string; remark?: string; flow?: Flow; revision?: number }): Promise<Script> => api.patch('/v1/scripts/{id}', body, { path: { id } });
export const archiveScript = (id: string, archived: boolean): Promise<Script> => api.patch('/v1/scripts/{id}', { archived }, { path: { id } });
export const removeScript = (id: string): Promise<unknown> => api.del('/v1/scripts/{id}', { path: { id } });
export const lintScript = (id: string, flow: Flow): Promise<{ findings: LintFinding[] }> => api.post('/v1/scripts/{id}/lint', { flow }, { path: { id } });
export const publishScript = (id: string, note: string): Promise<unknown> => api.post('/v1/scripts/{id}/publish', { note: note || undefined }, { path: { id } });
export const rollbackScript = (id: string, version_id: string): Promise<unknown> => api.post('/v1/scripts/{id}/rollback', { version_id }, { path: { id } });

export type LintFinding = Finding;
export type TryTurn = { who: 'bot' | 'customer'; text: string; intent?: string | null; intent_name?: string | null; node?: string | null; why?: string | null };
export type TryResult = { turns: TryTurn[]; ended: boolean; label?: { key: string; name?: string; rule?: string; quote?: string | null } | null };

export const tryScript = (id: string, flow: Flow, variables: Record<string, string>, lines: string[]): Promise<TryResult> =>
  api.post('/v1/scripts/{id}/try', { flow, variables, lines }, { path: { id } });
