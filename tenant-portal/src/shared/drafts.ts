/// Half-typed forms, kept until they are saved: a pop-up may lead away from them and the person comes back.
/// In memory only: what is typed about a customer is not left behind on the machine.
const kept = new Map<string, unknown>();

export const draftOf = <T>(key: string): T | undefined => kept.get(key) as T | undefined;
export const keepDraft = (key: string, draft: unknown): void => void kept.set(key, draft);
export const dropDraft = (key: string): void => void kept.delete(key);
/** For the end of a session: the next person starts with none. */
export const dropDrafts = (): void => kept.clear();
