import type { ComponentHealth, Health } from '#contract/health.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';

import type { HealthCheck } from './checks.ts';

const CACHED_MS = 1000;
const CHECK_MAX_MS = 3000;

/** Runs all checks side by side. However often it is asked, they run once a second at most. */
export function createHealthTaker({
  checks,
  clock,
  logger,
}: {
  checks: Readonly<Record<string, HealthCheck>>;
  clock: Clock;
  logger: Logger;
}) {
  let taken: { atMs: number; health: Promise<Health> } | null = null;

  async function take(): Promise<Health> {
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        return [name, await componentOf(name, check)] as const;
      }),
    );
    const components = Object.fromEntries(entries);
    return { status: worstOf(Object.values(components)), checked_at: clock.now().toISOString(), components };
  }

  async function componentOf(name: string, check: HealthCheck): Promise<ComponentHealth> {
    try {
      return await Promise.race([check(), tooSlow()]);
    } catch (error) {
      // The log tells the operator why; the answer is public and does not.
      logger.warn({ error, component: name }, 'health check failed');
      return { state: 'down', detail: 'cannot be reached' };
    }
  }

  return (): Promise<Health> => {
    const atMs = clock.now().getTime();
    if (taken === null || atMs - taken.atMs >= CACHED_MS) taken = { atMs, health: take() };
    return taken.health;
  };
}

function tooSlow(): Promise<ComponentHealth> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ state: 'down', detail: 'no answer in time' }), CHECK_MAX_MS).unref();
  });
}

export function worstOf(components: readonly ComponentHealth[]): Health['status'] {
  if (components.some(({ state }) => state === 'down')) return 'down';
  return components.some(({ state }) => state === 'degraded') ? 'degraded' : 'ok';
}
