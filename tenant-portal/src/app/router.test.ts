import { QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { makeClient } from '@/testing/frame';
import { askAgain } from './router';

it('after a break asks for the leads before what they lead to', async () => {
  const client = makeClient();
  const asked: string[] = [];
  const watch = (key: string[], then?: () => void) =>
    new QueryObserver(client, {
      queryKey: key,
      initialData: 0,
      staleTime: Infinity,
      queryFn: async () => {
        asked.push(key.join(' '));
        await Promise.resolve();
        then?.();
        return 1;
      },
    }).subscribe(() => undefined);
  const clip = watch(['calls', 'one', 'x']);
  const list = watch(['calls', 'list']);
  // The offer is gone, and its clip with it.
  const leads = watch(['leads', 'mine'], clip);
  await askAgain(client);
  expect(asked).toEqual(['leads mine', 'calls list']);
  list();
  leads();
});
