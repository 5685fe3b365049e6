import { Router } from '@koa/router';

import type { ApiDeps } from '../deps.ts';
import type { RequestState } from '../state.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { eventRoutes } from './event-routes.ts';

/** Endpoints, what became of deliveries, and the event feed. */
export function webhookRoutes(deps: Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'keyRing'>): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const part of [endpointRoutes(deps), deliveryRoutes(deps), eventRoutes(deps)]) router.use(part.routes());
  return router;
}
