import type { Router } from '@koa/router';

import { authRoutes } from './auth/routes.ts';
import { chatRoutes } from './chat/routes.ts';
import type { ApiDeps } from './deps.ts';
import { healthRoutes } from './health/routes.ts';
import { homeRoutes } from './home/routes.ts';
import { openapiRoutes } from './openapi/routes.ts';
import { pricebookRoutes } from './pricebook/routes.ts';
import { problemRoutes } from './problems/routes.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import type { RequestState } from './state.ts';
import { usageRoutes } from './usage/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** Every route the server has; a test compares them with the OpenAPI document. */
export function routersOf(deps: ApiDeps): Router<RequestState>[] {
  return [
    chatRoutes(deps),
    sessionRoutes(deps),
    usageRoutes(deps),
    receiptRoutes(deps),
    pricebookRoutes(deps),
    webhookRoutes(deps),
    authRoutes(deps),
    healthRoutes(deps),
    problemRoutes(),
    openapiRoutes(),
    homeRoutes(),
  ];
}
