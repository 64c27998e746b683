/// The draft being edited: changes are saved by themselves a moment after the last one, each against the revision it was based on.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import type { Script } from '@/api/types';
import { draftOf, dropDraft, keepDraft } from '@/shared/drafts';
import { patchScript, SCRIPTS } from './api';
import { setAt, type Flow, type Path } from './flow';
import { useTakeOut, type TakeOut } from './take-out';

const SAVE_AFTER_MS = 1200;

/** What was typed and not saved yet, and the revision it was typed on. */
type Unsaved = { flow: Flow; revision: number };
export type SaveState = { is: 'saved' } | { is: 'changed' } | { is: 'saving' } | { is: 'failed'; error: unknown };
export type Editor = {
  flow: Flow;
  readOnly: boolean;
  save: SaveState;
  set: (path: Path, value: unknown) => void;
  replace: (change: (flow: Flow) => Flow) => void;
  takeOut: TakeOut;
  /** Saves now; false when that failed. */
  flush: () => Promise<boolean>;
  /** Something typed is not on the server yet. */
  unsaved: () => boolean;
  /** Saves what is here over a newer draft that somebody else saved; false when that failed. */
  saveOver: (newest: Script) => Promise<boolean>;
  /** Gives up what is not saved, for the given draft or for the one last saved. */
  giveUp: (newest?: Script) => void;
};

/** Somebody else, or another tab, saved in between: what is here fits no draft any more. */
export const isStale = (save: SaveState): boolean => save.is === 'failed' && isProblem(save.error) && save.error.code === 'script_stale';

export function useEditor(script: Script, readOnly: boolean): Editor {
  const client = useQueryClient();
  const draft = `script ${script.id}`;
  const [kept] = useState(() => (readOnly ? undefined : draftOf<Unsaved>(draft)));
  const [flow, setFlow] = useState(kept?.flow ?? (script.draft.flow as unknown as Flow));
  const [save, setSave] = useState<SaveState>({ is: kept ? 'changed' : 'saved' });
  const latest = useRef(flow);
  const saved = useRef(script.draft.flow as unknown as Flow);
  const revision = useRef(kept?.revision ?? script.draft.revision);
  const busy = useRef<Promise<boolean> | null>(null);

  // A rollback, or somebody else, changed the draft: with nothing unsaved here, theirs is the draft.
  const theirs = script.draft;
  useEffect(() => {
    if (theirs.revision <= revision.current || busy.current || saved.current !== latest.current) return;
    revision.current = theirs.revision;
    saved.current = latest.current = theirs.flow as unknown as Flow;
    setFlow(latest.current);
    setSave({ is: 'saved' });
  }, [theirs]);

  const replace = useCallback((change: (flow: Flow) => Flow) => {
    latest.current = change(latest.current);
    keepDraft(draft, { flow: latest.current, revision: revision.current } satisfies Unsaved);
    setFlow(latest.current);
    // Saving again mends nothing before the person has chosen between the two.
    setSave((was) => (isStale(was) ? was : { is: 'changed' }));
  }, [draft]);
  const set = useCallback((path: Path, value: unknown) => replace((f) => setAt(f, path, value)), [replace]);
  const takeOut = useTakeOut(replace);

  const flush = useCallback(async (): Promise<boolean> => {
    while (busy.current) await busy.current;
    if (saved.current === latest.current) return true;
    const run = async () => {
      const sending = latest.current;
      setSave({ is: 'saving' });
      try {
        const answer = await patchScript(script.id, { flow: sending, revision: revision.current });
        revision.current = answer.draft.revision;
        saved.current = sending;
        if (latest.current === sending) dropDraft(draft);
        else keepDraft(draft, { flow: latest.current, revision: revision.current } satisfies Unsaved);
        client.setQueryData([...SCRIPTS, 'one', script.id], answer);
        setSave({ is: latest.current === sending ? 'saved' : 'changed' });
        return true;
      } catch (error) {
        setSave({ is: 'failed', error });
        return false;
      } finally {
        busy.current = null;
      }
    };
    busy.current = run();
    return busy.current;
  }, [client, script.id, draft]);

  const unsaved = useCallback(() => saved.current !== latest.current, []);
  const saveOver = useCallback(
    async (newest: Script): Promise<boolean> => {
      while (busy.current) await busy.current;
      revision.current = newest.draft.revision;
      return flush();
    },
    [flush],
  );
  const giveUp = useCallback(
    (newest?: Script) => {
      dropDraft(draft);
      if (newest) {
        revision.current = newest.draft.revision;
        saved.current = newest.draft.flow as unknown as Flow;
        client.setQueryData([...SCRIPTS, 'one', script.id], newest);
      }
      latest.current = saved.current;
      setFlow(latest.current);
      setSave({ is: 'saved' });
    },
    [client, script.id, draft],
  );

  useEffect(() => {
    if (save.is !== 'changed') return;
    const timer = setTimeout(() => void flush(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [flow, save.is, flush]);

  useEffect(() => {
    const ask = (e: BeforeUnloadEvent) => {
      if (saved.current !== latest.current) e.preventDefault();
    };
    addEventListener('beforeunload', ask);
    return () => {
      removeEventListener('beforeunload', ask);
      if (saved.current !== latest.current) void flush();
    };
  }, [flush]);

  return { flow, readOnly, save, set, replace, takeOut, flush, unsaved, saveOver, giveUp };
}

const nothing = () => undefined;
/** Other words than the draft's, to be read only. */
export const reading = (editor: Editor, flow: Flow): Editor => ({ ...editor, flow, readOnly: true, set: nothing, replace: nothing, takeOut: nothing });

export const EditorContext = createContext<Editor | null>(null);

export function useFlow(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('outside of a script editor');
  return editor;
}
