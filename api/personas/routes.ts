import { Router } from '@koa/router';

import type { ApiDeps } from '../deps.ts';
import type { RequestState } from '../state.ts';
import { editRoutes } from './edit-routes.ts';
import { publishRoutes } from './publish-routes.ts';
import { versionRoutes } from './version-routes.ts';

/** How Bob speaks: drafts, the versions they become, and which persona is the default one. */
export function personaRoutes(deps: Pick<ApiDeps, 'knex' | 'clock' | 'doorbell'>): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const part of [editRoutes(deps), publishRoutes(deps), versionRoutes(deps)]) router.use(part.routes());
  return router;
}
