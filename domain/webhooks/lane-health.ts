import type { LaneNews } from './verdict.ts';

/** How a receiver has been doing, and therefore how many requests it gets at once. */
export interface LaneHealth {
  breaker: 'closed' | 'open';
  /** Set where the breaker is open: no request before this many milliseconds have passed. */
  probeInMs: number | null;
  parkMs: number | null;
  concurrency: number;
  consecutiveFailures: number;
}

const BREAKER_FAILURES = 5;
const PROBE_MS = 5000;
const PROBE_MS_MAX = 300_000;

/**
 * Five failures in a row open the breaker: then one probe at a time, ever further apart, so that rows which wait spend
 * no attempt on a receiver known to be down. A success closes it and lets traffic grow again: 1, 2, 4 … limit.
 */
export function afterAttempt(health: LaneHealth, news: LaneNews, limit: number): LaneHealth {
  switch (news.kind) {
    case 'success':
      return {
        ...health,
        breaker: 'closed',
        probeInMs: null,
        concurrency: health.breaker === 'open' ? 1 : Math.min(health.concurrency * 2, limit),
        consecutiveFailures: 0,
      };
    case 'failure':
      return afterFailure(health, news.overloaded);
    case 'park':
      return { ...health, parkMs: Math.max(health.parkMs ?? 0, news.parkMs) };
    case 'gone':
      return afterFailure(health, false);
  }
}

/** Requests the lane may have in flight; an open breaker whose time has come sends one. */
export function windowOf(health: LaneHealth): number {
  if (health.parkMs !== null) return 0;
  if (health.breaker === 'closed') return health.concurrency;
  return health.probeInMs === null ? 1 : 0;
}

function afterFailure(health: LaneHealth, overloaded: boolean): LaneHealth {
  // What was in flight when the breaker opened says nothing new, and must not push the first probe away.
  if (health.probeInMs !== null) return health;
  const consecutiveFailures = health.consecutiveFailures + 1;
  const concurrency = overloaded ? Math.max(1, Math.floor(health.concurrency / 2)) : health.concurrency;
  if (consecutiveFailures < BREAKER_FAILURES) return { ...health, concurrency, consecutiveFailures };
  const probeInMs = Math.min(PROBE_MS * 2 ** (consecutiveFailures - BREAKER_FAILURES), PROBE_MS_MAX);
  return { ...health, breaker: 'open', probeInMs, concurrency: 1, consecutiveFailures };
}
