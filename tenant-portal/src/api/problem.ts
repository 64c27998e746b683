/// An RFC 9457 problem as the API sends it, and the same shape for a network that did not answer.
export type Params = Record<string, string | number | boolean | null>;

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly params: Params = {},
    readonly requestId: string | null = null,
    /** Where in the request body the trouble is, for forms. */
    readonly fields: { path: string; code: string; params?: Params }[] = [],
    readonly detail: string | null = null,
  ) {
    super(code);
  }
}

export const isProblem = (error: unknown): error is Problem => error instanceof Problem;

export function problemFrom(status: number, body: unknown, requestId: string | null): Problem {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof b.code === 'string' ? b.code : status >= 500 ? 'internal' : `http_${status}`;
  return new Problem(
    code,
    status,
    (b.params as Params | undefined) ?? {},
    (b.request_id as string | undefined) ?? requestId,
    (b.errors as Problem['fields'] | undefined) ?? [],
    (b.detail as string | undefined) ?? (b.title as string | undefined) ?? null,
  );
}
