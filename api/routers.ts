import type { Router } from '@koa/router';

import { adminRoutes } from './admin/routes.ts';
import { analyticsRoutes } from './analytics/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { authRoutes } from './auth/routes.ts';
import { chatRoutes } from './chat/routes.ts';
import type { ApiDeps } from './deps.ts';
import { docsRoutes } from './docs/routes.ts';
import { healthRoutes } from './health/routes.ts';
import { homeRoutes } from './home/routes.ts';
import { keyRoutes } from './keys/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { openapiRoutes } from './openapi/routes.ts';
import { personaRoutes } from './personas/routes.ts';
import { pricebookRoutes } from './pricebook/routes.ts';
import { problemRoutes } from './problems/routes.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import type { RequestState } from './state.ts';
import { tenantRoutes } from './tenant/routes.ts';
import { teamRoutes } from './team/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { widgetRoutes } from './widget/routes.ts';

/** Every route the server has; a test compares them with the OpenAPI document. */
export function routersOf(deps: ApiDeps): Router<RequestState>[] {
  return [
    chatRoutes(deps),
    sessionRoutes(deps),
    usageRoutes(deps),
    receiptRoutes(deps),
    personaRoutes(deps),
    pricebookRoutes(deps),
    webhookRoutes(deps),
    widgetRoutes(deps),
    authRoutes(deps),
    teamRoutes(deps),
    keyRoutes(deps),
    tenantRoutes(deps),
    auditRoutes(deps),
    adminRoutes(deps),
    analyticsRoutes(deps),
    metricsRoutes(deps),
    healthRoutes(deps),
    problemRoutes(),
    openapiRoutes(),
    docsRoutes(),
    homeRoutes(deps),
  ];
}
