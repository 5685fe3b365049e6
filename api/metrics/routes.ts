import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { METRICS_TYPE } from '#platform/metrics.ts';

import type { ApiDeps } from '../deps.ts';
import { noStore } from '../middleware/no-store.ts';
import { mayReadMetrics } from '../policies/may-read-metrics.ts';
import type { RequestState } from '../state.ts';

/** This process in figures: ids and texts of nobody, so that a dashboard may show all of it. */
export function metricsRoutes({
  env,
  metrics,
  streams,
}: Pick<ApiDeps, 'env' | 'metrics' | 'streams'>): Router<RequestState> {
  const router = new Router<RequestState>();
  metrics.gauge({ name: 'bob_streams_open', help: 'Readers of streams and feeds', read: () => streams.size() });
  router.get('/metrics', noStore(), async (ctx) => {
    if (!mayReadMetrics(ctx.req, env.METRICS_TOKEN)) throw refusal(env.METRICS_TOKEN);
    ctx.type = METRICS_TYPE;
    ctx.body = await metrics.render();
  });
  return router;
}

function refusal(token: string | undefined): Problem {
  if (token === undefined) {
    return new Problem('forbidden', { detail: 'Without METRICS_TOKEN only this machine may read the metrics.' });
  }
  return new Problem('unauthenticated', {
    detail: 'Send the METRICS_TOKEN as Authorization: Bearer.',
    headers: { 'WWW-Authenticate': 'Bearer realm="metrics"' },
  });
}
