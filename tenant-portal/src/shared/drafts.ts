/// Half-typed forms, kept until they are saved: a pop-up may lead away from them and the person comes back.
/// In memory only: what is typed about a customer is not left behind on the machine.
const kept = new Map<string, unknown>();
let typist: string | null = null;

export const draftOf = <T>(key: string): T | undefined => kept.get(key) as T | undefined;
export const keepDraft = (key: string, draft: unknown): void => void kept.set(key, draft);
export const dropDraft = (key: string): void => void kept.delete(key);
export const dropDrafts = (): void => kept.clear();

/** Drafts outlive a session that ran out, for the one who typed them: another person starts with none. */
export function draftsFor(person: string): void {
  if (typist !== null && typist !== person) dropDrafts();
  typist = person;
}
