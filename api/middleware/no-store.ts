import type { Step } from '../state.ts';

/** For everything personal: no cache on the way keeps it. */
export function noStore(): Step {
  return async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    await next();
  };
}
