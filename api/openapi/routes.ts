import { Router } from '@koa/router';

import { limitReads } from '../limits/limit-by-address.ts';
import type { RequestState } from '../state.ts';
import { readOpenapi } from './read-openapi.ts';

/** The document that programs read; `/docs` shows the same to people. */
export function openapiRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  let document: string | null = null;
  router.get('/openapi.json', limitReads(), async (ctx) => {
    document ??= readOpenapi();
    ctx.type = 'application/json';
    ctx.body = document;
  });
  return router;
}
