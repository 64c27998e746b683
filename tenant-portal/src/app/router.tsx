/// Every address of the portal. A route file is fetched when it is first visited.
import type { QueryClient } from '@tanstack/react-query';
import { createBrowserRouter, Navigate, useParams, type RouteObject } from 'react-router';
import { watchEvents } from '@/api/events';
import { whenSignedOut } from '@/api/http';
import { LEADS } from '@/features/leads/api';
import { ME, runOut } from '@/shared/session';
import { Home } from './Home';
import { NotFound, RouteFailed } from './pages';

const page = (path: string, load: () => Promise<{ Component: React.ComponentType }>): RouteObject => ({ path, lazy: load });

/** One thing whose page is its list's page with the id in the query. */
function ById({ at }: { at: string }) {
  const { id = '' } = useParams();
  return <Navigate to={`${at}?id=${encodeURIComponent(id)}`} replace />;
}

const routes: RouteObject[] = [
  { ...page('/login', () => import('@/routes/login')), HydrateFallback: () => null, ErrorBoundary: RouteFailed },
  {
    path: '/',
    lazy: () => import('./shell/Shell'),
    ErrorBoundary: RouteFailed,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: RouteFailed,
        children: [
          { index: true, element: <Home /> },
          page('contacts', () => import('@/routes/contacts')),
          page('contacts/import', () => import('@/routes/import')),
          page('contacts/:id', () => import('@/routes/contact')),
          page('groups', () => import('@/routes/groups')),
          page('blacklist', () => import('@/routes/blacklist')),
          page('campaigns', () => import('@/routes/campaigns')),
          page('campaigns/new', () => import('@/routes/campaign-new')),
          page('campaigns/:id', () => import('@/routes/campaign')),
          page('scripts', () => import('@/routes/scripts')),
          page('scripts/:id', () => import('@/routes/script')),
          page('labels', () => import('@/routes/labels')),
          page('calls', () => import('@/routes/calls')),
          page('calls/:id', () => import('@/routes/call')),
          page('leads', () => import('@/routes/leads')),
          page('reports', () => import('@/routes/reports')),
          page('users', () => import('@/routes/users')),
          page('audit', () => import('@/routes/audit')),
          page('trunks', () => import('@/routes/trunks')),
          page('edges', () => import('@/routes/edges')),
          page('alerts', () => import('@/routes/alerts')),
          page('system', () => import('@/routes/system')),
          { path: 'imports', element: <Navigate to="/contacts/import" replace /> },
          { path: 'imports/:id', element: <ById at="/contacts/import" /> },
          { path: 'leads/:id', element: <ById at="/leads" /> },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
];

/** What happened while the stream was down is not known: every page asks again. Leads come first: the call of an offer
 * that is gone is no longer the agent's to see. */
export async function askAgain(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: LEADS });
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== LEADS[0] });
}

export function makeRouter(client: QueryClient) {
  const router = createBrowserRouter(routes);
  whenSignedOut(() => runOut(client));
  watchEvents({ onBack: () => void askAgain(client), onRefused: () => void client.invalidateQueries({ queryKey: ME }) });
  return router;
}
