import { Router } from '@koa/router';

import type { RequestState } from '../state.ts';
import { messageRoutes } from './message-routes.ts';
import { ownerRoutes, type SessionActionDeps } from './owner-routes.ts';
import { readRoutes, type ReadDeps } from './read-routes.ts';
import { feedRoutes } from './stream-routes.ts';

/** Live conversations: to look at, to take over, to answer in. */
export function sessionRoutes(deps: SessionActionDeps & ReadDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  // The feed first: its path would do as the one of a conversation.
  for (const part of [feedRoutes(deps), readRoutes(deps), ownerRoutes(deps), messageRoutes(deps)]) {
    router.use(part.routes());
  }
  return router;
}
