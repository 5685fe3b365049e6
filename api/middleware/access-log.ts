import { startStopwatch } from '#platform/clock.ts';

import type { Actor, RequestState, Step } from '../state.ts';

/** One line per answer: ids, the route's pattern, status and duration. Paths and queries carry what callers typed. */
export function accessLog(): Step<RequestState & { actor?: Actor }> {
  return async (ctx, next) => {
    const stopwatch = startStopwatch();
    ctx.res.once('close', () => {
      const { log, actor } = ctx.state;
      const line = {
        method: ctx.method,
        route: patternOf(ctx),
        status: ctx.res.statusCode,
        elapsed_ms: Math.round(stopwatch.elapsedMs() * 10) / 10,
        ...(actor === undefined ? {} : { tenant_id: actor.tenantId, user_id: actor.userId }),
        ...(ctx.res.writableFinished ? {} : { cut: true }),
      };
      log.info(line, 'answered');
    });
    await next();
  };
}

function patternOf(ctx: object): string {
  if (!('_matchedRoute' in ctx)) return 'none';
  return typeof ctx._matchedRoute === 'string' ? ctx._matchedRoute : 'none';
}
