import { Router } from '@koa/router';

import type { ApiDeps } from '../deps.ts';
import type { RequestState } from '../state.ts';
import { inviteRoutes } from './invite-routes.ts';
import { memberRoutes } from './member-routes.ts';

/** The people of a tenant, or of the operator, and those who are invited. */
export function teamRoutes(deps: Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'mailer'>): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const part of [inviteRoutes(deps), memberRoutes(deps)]) router.use(part.routes());
  return router;
}
