import { startStopwatch } from '#platform/clock.ts';
import type { Metrics } from '#platform/metrics.ts';

import type { Actor, RequestState, Step } from '../state.ts';

/** One line per answer: ids, the route's pattern, status and duration. Paths and queries carry what callers typed. */
export function accessLog({ metrics }: { metrics: Metrics }): Step<RequestState & { actor?: Actor }> {
  return async (ctx, next) => {
    const stopwatch = startStopwatch();
    ctx.res.once('close', () => {
      const { log, actor } = ctx.state;
      const facts = { method: ctx.method, route: patternOf(ctx), status: ctx.res.statusCode };
      const elapsedMs = stopwatch.elapsedMs();
      metrics.countRequest({ ...facts, elapsedMs });
      const line = {
        ...facts,
        elapsed_ms: Math.round(elapsedMs * 10) / 10,
        ...(actor === undefined ? {} : callerOf(actor)),
        ...(ctx.res.writableFinished ? {} : { cut: true }),
      };
      log.info(line, 'answered');
    });
    await next();
  };
}

function callerOf({ tenantId, userId, apiKeyId }: Actor) {
  return { tenant_id: tenantId, user_id: userId, ...(apiKeyId === null ? {} : { api_key_id: apiKeyId }) };
}

function patternOf(ctx: object): string {
  if (!('_matchedRoute' in ctx)) return 'none';
  return typeof ctx._matchedRoute === 'string' ? ctx._matchedRoute : 'none';
}
