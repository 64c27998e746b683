/// The draft being edited: changes are saved by themselves a moment after the last one, each against the revision it was based on.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import type { Script } from '@/api/types';
import { patchScript, SCRIPTS } from './api';
import { setAt, type Flow, type Path } from './flow';

const SAVE_AFTER_MS = 1200;

export type SaveState = { is: 'saved' } | { is: 'changed' } | { is: 'saving' } | { is: 'failed'; error: unknown };
export type Editor = {
  flow: Flow;
  readOnly: boolean;
  save: SaveState;
  set: (path: Path, value: unknown) => void;
  replace: (change: (flow: Flow) => Flow) => void;
  /** Saves now; false when that failed. */
  flush: () => Promise<boolean>;
};

export function useEditor(script: Script, readOnly: boolean): Editor {
  const client = useQueryClient();
  const [flow, setFlow] = useState(script.draft.flow as unknown as Flow);
  const [save, setSave] = useState<SaveState>({ is: 'saved' });
  const latest = useRef(flow);
  const saved = useRef(flow);
  const revision = useRef(script.draft.revision);
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
    setFlow(latest.current);
    setSave({ is: 'changed' });
  }, []);
  const set = useCallback((path: Path, value: unknown) => replace((f) => setAt(f, path, value)), [replace]);

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
  }, [client, script.id]);

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

  return { flow, readOnly, save, set, replace, flush };
}

export const EditorContext = createContext<Editor | null>(null);

export function useFlow(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('outside of a script editor');
  return editor;
}
