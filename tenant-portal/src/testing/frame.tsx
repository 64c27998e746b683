/// What a component test needs around a component: the parts of a browser that jsdom lacks, texts, server state.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { configure } from '@testing-library/react';
import { App, ConfigProvider } from 'antd';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { startI18n } from '@/shared/i18n';

const nothing = () => undefined;

export async function browser(): Promise<void> {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener: nothing, removeListener: nothing, addEventListener: nothing, removeEventListener: nothing }));
  vi.stubGlobal('ResizeObserver', class {
    observe = nothing;
    unobserve = nothing;
    disconnect = nothing;
  });
  vi.stubGlobal('EventSource', class extends EventTarget {
    close = nothing;
  });
  vi.stubGlobal('AudioContext', class {
    state = 'suspended';
    resume = () => Promise.resolve();
  });
  // A busy machine is no failure.
  configure({ asyncUtilTimeout: 10_000 });
  await startI18n();
}

/** A client that asks once: a failure is seen at once. */
export const makeClient = (): QueryClient => new QueryClient({ defaultOptions: { queries: { retry: false } } });

export const Frame = ({ client, children }: { client: QueryClient; children: ReactNode }) => (
  <ConfigProvider button={{ autoInsertSpace: false }}>
    <App>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </App>
  </ConfigProvider>
);

export const answer = (body: unknown): Response => new Response(JSON.stringify(body), { status: 200 });
