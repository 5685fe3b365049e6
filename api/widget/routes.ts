import { Router } from '@koa/router';

import type { RequestState } from '../state.ts';
import { widgetChatRoutes, type WidgetChatDeps } from './chat-routes.ts';
import { widgetKeyRoutes } from './key-routes.ts';
import { createMissingOrigins } from './missing-origins.ts';
import { widgetScriptRoutes } from './script-routes.ts';
import { widgetSetUpRoutes } from './set-up-routes.ts';

/** Set-up for the team, scripts for pages, chat for their visitors. */
export function widgetRoutes(given: Omit<WidgetChatDeps, 'missing'>): Router<RequestState> {
  const router = new Router<RequestState>();
  const deps = { ...given, missing: createMissingOrigins() };
  const parts = [widgetKeyRoutes(deps), widgetSetUpRoutes(deps), widgetChatRoutes(deps), widgetScriptRoutes(deps)];
  for (const part of parts) router.use(part.routes());
  return router;
}
