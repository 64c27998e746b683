import { QueryClient } from '@tanstack/react-query';
import { isProblem } from '@/api/problem';

/** A refusal is an answer and is not asked again; a network or server fault is, twice. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && isProblem(error) && (error.status === 0 || error.status >= 500),
      },
      mutations: { retry: false },
    },
  });
