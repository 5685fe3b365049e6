import { Router } from '@koa/router';

import type { Health } from '#contract/health.ts';

import type { ApiDeps } from '../deps.ts';
import { noStore } from '../middleware/no-store.ts';
import type { RequestState } from '../state.ts';
import { createHealthChecks } from './checks.ts';
import { createHealthTaker } from './take-health.ts';

/** What must work before this process should be sent requests. Messages are kept while workers or model are away. */
const NEEDED_TO_SERVE = ['database', 'migrations', 'temporal'];

type HealthRouteDeps = Pick<ApiDeps, 'knex' | 'temporal' | 'clock' | 'env' | 'logger'>;

export function healthRoutes(deps: HealthRouteDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  const takeHealth = createHealthTaker({ checks: createHealthChecks(deps), clock: deps.clock, logger: deps.logger });

  router.get('/api/health', noStore(), async (ctx) => {
    const health = await takeHealth();
    ctx.status = health.status === 'down' ? 503 : 200;
    ctx.body = health;
  });
  router.get('/api/health/ready', noStore(), async (ctx) => {
    const health = neededOf(await takeHealth());
    ctx.status = health.status === 'down' ? 503 : 200;
    ctx.body = health;
  });
  return router;
}

function neededOf({ components, checked_at }: Health): Health {
  const needed = Object.entries(components).filter(([name]) => NEEDED_TO_SERVE.includes(name));
  const isDown = needed.some(([, { state }]) => state === 'down');
  return { status: isDown ? 'down' : 'ok', checked_at, components: Object.fromEntries(needed) };
}
