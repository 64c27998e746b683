import { cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Lead, LeadStatus } from '@/api/types';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { useOpenLead } from './open-lead';

const lead = (status: LeadStatus) => ({ id: 'a', status }) as Lead;
const asked = vi.fn(async (_path: string) => answer(lead('won')));
const close = vi.fn();
const opened = (mine: Lead[]) => {
  const client = makeClient();
  const wrapper = ({ children }: { children: ReactNode }) => <Frame client={client}>{children}</Frame>;
  return renderHook((now: { mine: Lead[] }) => useOpenLead(now.mine, 'a', close), { wrapper, initialProps: { mine } });
};

beforeAll(browser);
beforeEach(() => void vi.stubGlobal('fetch', asked));
afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

it('closes a lead whose offer went to somebody else, and asks for it no more', () => {
  const { result, rerender } = opened([lead('offered')]);
  expect(result.current.lead?.id).toBe('a');
  rerender({ mine: [] });
  expect(result.current.lead).toBeNull();
  expect(close).toHaveBeenCalled();
  expect(asked).not.toHaveBeenCalled();
});

it('goes on showing an accepted lead that was closed', async () => {
  const { result, rerender } = opened([lead('offered')]);
  rerender({ mine: [lead('accepted')] });
  rerender({ mine: [] });
  await waitFor(() => expect(result.current.lead?.status).toBe('won'));
  expect(close).not.toHaveBeenCalled();
});
