import type { Middleware } from 'koa';

import { Problem } from '#contract/problems.ts';

import type { RequestState } from '../state.ts';

/** The routers leave every layer whose path fits in `ctx.matched`, whatever its method. */
interface MatchedContext {
  matched?: readonly { methods: readonly string[] }[];
}

/** Stands before the routers: a path that exists under another method answers 405 and says which methods it takes. */
export function allowedMethods(): Middleware<RequestState, MatchedContext> {
  return async (ctx, next) => {
    await next();
    if (ctx.status !== 404 || ctx.body !== undefined) return;
    const methods = [...new Set((ctx.matched ?? []).flatMap((layer) => layer.methods))];
    if (methods.length === 0) return;
    const allow = methods.join(', ');
    throw new Problem('method-not-allowed', { detail: `This route takes ${allow}.`, headers: { Allow: allow } });
  };
}
