import { Router } from '@koa/router';

import { OverviewQuery } from '#contract/analytics.ts';
import { Problem } from '#contract/problems.ts';
import { dayRange, REPORT_DAYS_MAX } from '#domain/day-range.ts';
import { readAnalyticsOverview } from '#models/read/analytics-overview.ts';
import { readBusinessMetrics } from '#models/read/business-metrics.ts';
import { readTenantProfile } from '#models/tenant-settings.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { QueryState, RequestState, SignedInState } from '../state.ts';
import { presentBusinessMetrics, presentOverview } from './presenter.ts';

/** What happened, counted: for a tenant by its days, for the operator across all tenants. */
export function analyticsRoutes({
  knex,
  clock,
  sessionIdleMs,
}: Pick<ApiDeps, 'knex' | 'clock' | 'sessionIdleMs'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<OverviewQuery>>(
    '/api/analytics/overview',
    authenticate(),
    requirePermission('usage.read'),
    validateQuery(OverviewQuery),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const { timeZone } = await readTenantProfile(knex, tenantId);
      const days = dayRange(ctx.state.query, { at: clock.now(), timeZone });
      if (days === null) throw wrongDays();
      const range = { ...days, timeZone };
      ctx.body = presentOverview(await readAnalyticsOverview(knex, tenantId, range), range);
    },
  );

  router.get<SignedInState>(
    '/api/metrics/business',
    authenticate(),
    requirePermission('platform.read'),
    async (ctx) => {
      const at = clock.now();
      const activeSince = new Date(at.getTime() - sessionIdleMs);
      ctx.body = presentBusinessMetrics(await readBusinessMetrics(knex, { at, activeSince }), at);
    },
  );
  return router;
}

function wrongDays(): Problem {
  const detail = `from stands before to, and both include ${REPORT_DAYS_MAX} days at most.`;
  return new Problem('invalid-query', { detail, extensions: { errors: [{ pointer: 'from', code: 'range', detail }] } });
}
