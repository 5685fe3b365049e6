import { Router } from '@koa/router';

import { STYLE_SHEET_PATH } from '../html-page.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { readOpenapi } from '../openapi/read-openapi.ts';
import type { RequestState } from '../state.ts';
import { OpenapiDocument } from './openapi-document.ts';
import { renderReference } from './render-reference.ts';
import { STYLE_SHEET } from './style-sheet.ts';

const CACHED_FIVE_MINUTES = 'public, max-age=300';

/** The reference for people, made from the document for programs: the two cannot say different things. */
export function docsRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  let page: string | null = null;
  router.get('/docs', limitReads(), async (ctx) => {
    page ??= renderReference(OpenapiDocument.parse(JSON.parse(readOpenapi())));
    ctx.set('Cache-Control', CACHED_FIVE_MINUTES);
    ctx.type = 'html';
    ctx.body = page;
  });
  router.get(STYLE_SHEET_PATH, limitReads(), async (ctx) => {
    ctx.set('Cache-Control', CACHED_FIVE_MINUTES);
    ctx.type = 'css';
    ctx.body = STYLE_SHEET;
  });
  return router;
}
