import { Problem } from '#contract/problems.ts';

import type { Step } from '../state.ts';

/** Routers hand malformed percent-encoding to handlers raw, and PostgreSQL refuses NUL in text: both end here. */
export function readableUrl(): Step {
  return async (ctx, next) => {
    if (!isReadable(ctx.path) || !isReadable(ctx.querystring)) {
      throw new Problem('malformed-url', { detail: 'The address holds percent-encoding that is not UTF-8 text.' });
    }
    await next();
  };
}

function isReadable(part: string): boolean {
  try {
    return !decodeURIComponent(part).includes('\0');
  } catch {
    return false;
  }
}
