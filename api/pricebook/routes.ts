import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { PricebookParams } from '#contract/pricebook.ts';
import { Problem } from '#contract/problems.ts';
import { findPricebook, listPricebooks } from '#models/pricebook.ts';
import type { PublishedPricebook } from '#models/pricebook.ts';
import { sha256Hex } from '#platform/digest.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { ParamsState, RequestState } from '../state.ts';
import { presentPricebook } from './presenter.ts';

const CACHED_A_MINUTE = 'public, max-age=60';

/** Public prices: what a charge is computed from, open to every page. */
export function pricebookRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get('/api/pricebook', limitReads(), async (ctx) => {
    const at = clock.now();
    const published = (await listPricebooks(knex)).filter((book) => book.state === 'published');
    const current = published.find((book) => book.effectiveAt <= at) ?? published.at(-1);
    if (current === undefined) throw new Problem('unavailable', { detail: 'No pricebook is published yet.' });
    const next = published.findLast((book) => book.version > current.version) ?? null;
    answerUnlessFresh(ctx, [current, ...(next === null ? [] : [next])], () => ({
      current: presentPricebook(current),
      next: next === null ? null : presentPricebook(next),
    }));
  });

  router.get('/api/pricebook/versions', limitReads(), async (ctx) => {
    const books = await listPricebooks(knex);
    answerUnlessFresh(ctx, books, () => ({ data: books.map(presentPricebook), next_cursor: null }));
  });

  router.get<ParamsState<PricebookParams>>(
    '/api/pricebook/versions/:version',
    limitReads(),
    validateParams(PricebookParams),
    async (ctx) => {
      const book = await findPricebook(knex, ctx.state.params.version);
      if (book === null) throw new Problem('not-found', { detail: 'No pricebook has this version.' });
      answerUnlessFresh(ctx, [book], () => presentPricebook(book));
    },
  );
  return router;
}

/** The ETag names the documents and their states: a withdrawal is the one thing about them that can change. */
function answerUnlessFresh(
  ctx: ParameterizedContext<RequestState>,
  books: readonly PublishedPricebook[],
  present: () => unknown,
): void {
  ctx.status = 200;
  ctx.set('Cache-Control', CACHED_A_MINUTE);
  ctx.etag = sha256Hex(books.map((book) => `${book.version} ${book.state} ${book.sha256}`).join('\n'));
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = present();
}
