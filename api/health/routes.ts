import { Router } from '@koa/router';

import type { ComponentHealth, Health } from '#contract/health.ts';

import type { ApiDeps } from '../deps.ts';
import { noStore } from '../middleware/no-store.ts';
import type { RequestState } from '../state.ts';
import { createHealthChecks } from './checks.ts';
import { createHealthTaker, worstOf } from './take-health.ts';

/** What must work before this process should be sent requests. */
const NEEDED_TO_SERVE = ['database', 'migrations', 'temporal'];
/** Without workers messages are kept and answered later: sending them nowhere would turn that into errors. */
const NEEDED_TO_ANSWER = ['workers'];

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
  const named = (names: readonly string[]) => Object.entries(components).filter(([name]) => names.includes(name));
  const needed = named(NEEDED_TO_SERVE);
  const wanted = named(NEEDED_TO_ANSWER).map(([name, component]): [string, ComponentHealth] => {
    return [name, component.state === 'down' ? { ...component, state: 'degraded' } : component];
  });
  const all = [...needed, ...wanted];
  return { status: worstOf(all.map(([, component]) => component)), checked_at, components: Object.fromEntries(all) };
}
