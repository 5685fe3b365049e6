import { Problem } from '#contract/problems.ts';

import { isOpenToEveryOrigin } from '../policies/cross-origin.ts';
import type { Step } from '../state.ts';

const PREFLIGHT_MAX_AGE_S = '600';

/** Open routes answer any page, without credentials. On every other route a preflight gets no CORS header. */
export function crossOrigin(): Step {
  return async (ctx, next) => {
    const isPreflight = ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method') !== '';
    if (isOpenToEveryOrigin(ctx.path)) {
      ctx.set('Access-Control-Allow-Origin', '*');
      if (!isPreflight) {
        await next();
        return;
      }
      ctx.set('Access-Control-Allow-Methods', 'GET, HEAD, POST');
      ctx.set('Access-Control-Allow-Headers', 'Content-Type');
      ctx.set('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_S);
      ctx.status = 204;
      return;
    }
    if (isPreflight) {
      throw new Problem('origin-not-allowed', { detail: 'This route cannot be called from pages of other origins.' });
    }
    await next();
  };
}
