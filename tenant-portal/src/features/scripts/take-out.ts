/// Takes something out of the script; for a moment, while the script is open, it can be put back.
import { useCallback, useEffect, useState } from 'react';
import { useNotice } from '@/shared/ui/notice';
import type { Flow } from './flow';

type Change = (flow: Flow) => Flow;
/** `said`: what was taken out, in words. */
export type TakeOut = (said: string, out: Change, back: Change) => void;

export function useTakeOut(replace: (change: Change) => void): TakeOut {
  const notice = useNotice();
  const [notices] = useState(() => new Set<() => void>());
  // What is put back after the script was left would not be saved.
  useEffect(
    () => () => {
      notices.forEach((close) => close());
      notices.clear();
    },
    [notices],
  );
  return useCallback(
    (said, out, back) => {
      replace(out);
      notices.add(notice.undoable(said, () => replace(back)));
    },
    [replace, notice, notices],
  );
}
