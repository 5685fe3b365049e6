import { readFileSync } from 'node:fs';

import { Router } from '@koa/router';

import type { RequestState } from '../state.ts';

const DOCUMENT = new URL('../../docs/openapi.json', import.meta.url);

/** The document is generated from `contract/` and kept in the repository; a gate compares the two. */
export function openapiRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  let document: string | null = null;
  router.get('/openapi.json', async (ctx) => {
    document ??= readFileSync(DOCUMENT, 'utf8');
    ctx.type = 'application/json';
    ctx.body = document;
  });
  return router;
}
