/// Takes something out of the script; for a moment, while the script is open, it can be put back.
import { useCallback, useEffect, useState } from 'react';
import { useNotice } from '@/shared/ui/notice';
import type { Flow, ItemList } from './flow';
import { giveBack, takePlace, type Place } from './places';

type Change = (flow: Flow) => Flow;
type Taken = { /** In words, what was taken out. */ said: string; list: ItemList | 'nodes'; index: number; out: Change; /** Puts it back in this place. */ back: (flow: Flow, at: number) => Flow };
export type TakeOut = (taken: Taken) => void;

export function useTakeOut(replace: (change: Change) => void): TakeOut {
  const notice = useNotice();
  const [notices] = useState(() => new Set<() => void>());
  const [places] = useState(() => new Map<Taken['list'], Place[]>());
  // What is put back after the script was left would not be saved.
  useEffect(
    () => () => {
      notices.forEach((close) => close());
      notices.clear();
    },
    [notices],
  );
  return useCallback(
    ({ said, list, index, out, back }) => {
      const around = places.get(list) ?? [];
      places.set(list, around);
      const place = takePlace(around, index);
      replace(out);
      notices.add(notice.undoable(said, () => replace((flow) => back(flow, giveBack(around, place)))));
    },
    [replace, notice, notices, places],
  );
}
