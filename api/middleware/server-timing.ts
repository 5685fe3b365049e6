import type { Step } from '../state.ts';

/** Sends what the handler measured. An event stream has its headers sent with the first byte, so before that too. */
export function serverTiming(): Step {
  return async (ctx, next) => {
    await next();
    const header = ctx.state.timing.header();
    if (header !== '' && !ctx.headerSent) ctx.set('Server-Timing', header);
  };
}
