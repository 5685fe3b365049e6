import { Problem } from '#contract/problems.ts';

import { isForeignOrigin } from '../policies/request-origin.ts';
import type { Step } from '../state.ts';

/** Pages of other sites are refused before any work. Servers and command lines send no Origin and pass. */
export function sameOriginOnly(): Step {
  return async (ctx, next) => {
    if (isForeignOrigin({ origin: ctx.get('Origin'), ownOrigin: ctx.state.ownOrigin })) {
      throw new Problem('origin-not-allowed', { detail: 'Only pages of this site may call this route.' });
    }
    await next();
  };
}
