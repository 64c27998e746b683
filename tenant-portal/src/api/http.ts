/// The one door to /v1. Same-origin cookie session; every failure becomes a Problem.
import { learnClock } from './clock';
import { Problem, problemFrom } from './problem';

type Query = Record<string, string | number | boolean | null | undefined | (string | number)[]>;
type Options = { path?: Record<string, string>; query?: Query; signal?: AbortSignal; key?: string };

/** Called when the session ended; the app shows the login page. */
let onSignedOut: () => void = () => undefined;
export const whenSignedOut = (act: () => void) => void (onSignedOut = act);

let csrf: string | undefined;
/** The token that proves a write comes from this page. */
export const setCsrf = (token: string | undefined) => void (csrf = token);

export function url(template: string, { path, query }: Pick<Options, 'path' | 'query'> = {}): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path?.[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value == null || value === '') continue;
    search.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

async function request<T>(method: string, template: string, options: Options = {}, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': document.documentElement.lang };
  if (csrf && method !== 'GET') headers['x-csrf-token'] = csrf;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers['content-type'] = 'application/json';
  if (options.key) headers['idempotency-key'] = options.key;
  let response: Response;
  try {
    response = await fetch(url(template, options), {
      method,
      headers,
      credentials: 'same-origin',
      signal: options.signal,
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem('network', 0);
  }
  learnClock(response.headers.get('date'));
  if (response.status === 204 || response.status === 205) return undefined as T;
  const text = await response.text();
  const parsed = parse(text);
  if (!response.ok) {
    if (response.status === 401 && !template.startsWith('/v1/sessions')) onSignedOut();
    throw problemFrom(response.status, parsed, response.headers.get('x-request-id'));
  }
  return parsed as T;
}

function parse(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const api = {
  get: <T>(template: string, options?: Options) => request<T>('GET', template, options),
  post: <T>(template: string, body?: unknown, options?: Options) => request<T>('POST', template, options, body),
  put: <T>(template: string, body?: unknown, options?: Options) => request<T>('PUT', template, options, body),
  patch: <T>(template: string, body?: unknown, options?: Options) => request<T>('PATCH', template, options, body),
  del: <T>(template: string, options?: Options) => request<T>('DELETE', template, options),
};

/** Fetches a file and hands it to the browser under its own name. */
export async function download(template: string, options: Options, name: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url(template, options), { credentials: 'same-origin' });
  } catch {
    throw new Problem('network', 0);
  }
  if (!response.ok) {
    if (response.status === 401) onSignedOut();
    throw problemFrom(response.status, parse(await response.text()), response.headers.get('x-request-id'));
  }
  const href = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.hidden = true;
  // Some browsers follow only a link in the document, and read the file after the click.
  document.body.append(link);
  link.click();
  setTimeout(() => {
    link.remove();
    URL.revokeObjectURL(href);
  }, 10_000);
}
