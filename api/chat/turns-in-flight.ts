import { Problem } from '#contract/problems.ts';
import type { TenantId } from '#domain/ids.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';
import { readTurnsInFlight } from '#models/read/turns-in-flight.ts';
import type { Clock } from '#platform/clock.ts';
import type { Knex } from 'knex';

export interface TurnsInFlight {
  /** A place for one message, or 429. What it gives back is called when the message is accepted, or is not. */
  enter(tenantId: TenantId): Promise<() => void>;
}

/** What is known of one tenant: never less than is true in this process, and counted again while there is traffic. */
interface Tally {
  limit: number;
  /** As the database had it. */
  counted: number;
  countedAt: number;
  /** Accepted here since that count began, and about to be. */
  accepted: number;
  entering: number;
  counting: Promise<void> | null;
}

const COUNT_AGAIN_MS = 1000;
const TENANTS_MAX = 10_000;
const LIMIT_WITHOUT_POLICY = firstOperatorPolicy({ rateFactor: 1 }).turnsInFlightPerTenant;

/**
 * One tenant's flood must not take the worker from all others. The steady case asks nobody: the count is renewed beside
 * the requests, and one of them waits for it only where it would be refused without.
 */
export function createTurnsInFlight({ knex, clock }: { knex: Knex; clock: Clock }): TurnsInFlight {
  const tallies = new Map<TenantId, Tally>();

  function tallyOf(tenantId: TenantId): Tally {
    const known = tallies.get(tenantId);
    if (known !== undefined) return known;
    if (tallies.size >= TENANTS_MAX) forgetIdle(tallies);
    const fresh = { limit: LIMIT_WITHOUT_POLICY, counted: 0, countedAt: 0, accepted: 0, entering: 0, counting: null };
    tallies.set(tenantId, fresh);
    return fresh;
  }

  async function countAgain(tenantId: TenantId, tally: Tally): Promise<void> {
    const before = tally.accepted;
    try {
      const { count: counted, limit } = await readTurnsInFlight(knex, tenantId);
      tally.counted = counted;
      tally.limit = limit ?? LIMIT_WITHOUT_POLICY;
      tally.accepted -= before;
      tally.countedAt = clock.now().getTime();
    } finally {
      tally.counting = null;
    }
  }

  function count(tenantId: TenantId, tally: Tally): Promise<void> {
    tally.counting ??= countAgain(tenantId, tally);
    return tally.counting;
  }

  return {
    async enter(tenantId) {
      const tally = tallyOf(tenantId);
      if (isFull(tally)) await count(tenantId, tally);
      if (isFull(tally)) throw tooManyTurns();
      tally.entering += 1;
      const isOld = clock.now().getTime() - tally.countedAt >= COUNT_AGAIN_MS;
      // A database that is away is told to the caller by the statement that follows.
      if (isOld) count(tenantId, tally).catch(() => null);
      return () => {
        tally.entering -= 1;
        tally.accepted += 1;
      };
    },
  };
}

function isFull({ counted, accepted, entering, limit }: Tally): boolean {
  return counted + accepted + entering >= limit;
}

function forgetIdle(tallies: Map<TenantId, Tally>): void {
  for (const [tenantId, { entering, counting }] of tallies) {
    if (entering === 0 && counting === null) tallies.delete(tenantId);
  }
}

function tooManyTurns(): Problem {
  return new Problem('rate-limited', {
    detail: 'Too many messages of this business wait for their answers at the moment.',
    headers: { 'Retry-After': '1' },
  });
}
