/// The check before publishing. Once there was one, it is made again by itself a moment after each change, so that a
/// mended fault does not stay on the page.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNotice } from '@/shared/ui/notice';
import { lintScript, type LintFinding } from './api';
import type { Flow } from './flow';

const AGAIN_AFTER_MS = 1200;

export type Check = {
  /** Null before the first check. */
  findings: LintFinding[] | null;
  /** The flow has been changed since. */
  outdated: boolean;
  pending: boolean;
  /** Checks now; null when that failed. */
  run: () => Promise<LintFinding[] | null>;
  /** What a refused publishing found. */
  found: (findings: LintFinding[]) => void;
};

export function useCheck(id: string, flow: Flow): Check {
  const notice = useNotice();
  const [checked, setChecked] = useState<{ flow: Flow; findings: LintFinding[] } | null>(null);
  const { mutateAsync, isPending } = useMutation({
    mutationFn: async (sent: Flow) => (await lintScript(id, sent)).findings,
    onSuccess: (findings, sent) => setChecked({ flow: sent, findings }),
  });
  const outdated = checked !== null && checked.flow !== flow;
  useEffect(() => {
    if (!outdated) return;
    // Where it fails, the result goes on saying that it is an old one.
    const timer = setTimeout(() => void mutateAsync(flow).catch(() => undefined), AGAIN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [outdated, flow, mutateAsync]);
  const run = () =>
    mutateAsync(flow).catch((error: unknown) => {
      notice.failed(error);
      return null;
    });
  return { findings: checked?.findings ?? null, outdated, pending: isPending, run, found: (findings) => setChecked({ flow, findings }) };
}
