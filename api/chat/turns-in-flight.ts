import { Problem } from '#contract/problems.ts';
import { nextShare } from '#domain/flood-share.ts';
import type { TenantId } from '#domain/ids.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';
import { readTurnsInFlight } from '#models/read/turns-in-flight.ts';
import type { Clock } from '#platform/clock.ts';
import type { Knex } from 'knex';

export interface TurnsInFlight {
  /** Accepts a message, or says 503 where this process has too many to accept at the same time. */
  atDoor<T>(accept: () => Promise<T>): Promise<T>;
  /** A place for one message, or 429. What it gives back is called when the message is accepted, or is not. */
  enter(tenantId: TenantId): Promise<() => void>;
}

/** What is known of one tenant: never less than is true in this process, and counted again while there is traffic. */
interface Tally {
  limit: number;
  /** The limit, or less while the tenant floods. */
  share: number;
  sharedAt: number;
  refusedAt: number;
  /** As the database had it. */
  counted: number;
  countedAt: number;
  /** Accepted here since that count began, and about to be. */
  accepted: number;
  entering: number;
  counting: Promise<void> | null;
}

const COUNT_AGAIN_MS = 1000;
/** Refusing must stay cheaper than answering: a flood does not count for each of its messages. */
const COUNT_WHEN_FULL_MS = 40;
const SHARE_AGAIN_MS = 200;
const TENANTS_MAX = 10_000;
/** All of these share the connections of one pool; who came later would only wait for longer. */
const ACCEPTING_MAX = 400;
const LIMIT_WITHOUT_POLICY = firstOperatorPolicy({ rateFactor: 1 }).turnsInFlightPerTenant;
const FRESH = { limit: LIMIT_WITHOUT_POLICY, share: LIMIT_WITHOUT_POLICY, sharedAt: 0, refusedAt: 0 };

/**
 * One tenant's flood must not take the worker from all others. The steady case asks nobody: the count is renewed beside
 * the requests, and one of them waits for it only where it would be refused without.
 */
export function createTurnsInFlight({ knex, clock }: { knex: Knex; clock: Clock }): TurnsInFlight {
  const tallies = new Map<TenantId, Tally>();
  let accepting = 0;
  const nowMs = (): number => clock.now().getTime();

  function tallyOf(tenantId: TenantId): Tally {
    const known = tallies.get(tenantId);
    if (known !== undefined) return known;
    if (tallies.size >= TENANTS_MAX) forgetIdle(tallies);
    const fresh = { ...FRESH, counted: 0, countedAt: 0, accepted: 0, entering: 0, counting: null };
    tallies.set(tenantId, fresh);
    return fresh;
  }

  async function countAgain(tenantId: TenantId, tally: Tally): Promise<void> {
    const before = tally.accepted;
    try {
      const { count: counted, waiting, limit } = await readTurnsInFlight(knex, tenantId, clock.now());
      tally.counted = counted;
      tally.accepted -= before;
      tally.countedAt = nowMs();
      shareOut(tally, { waiting, limit: limit ?? LIMIT_WITHOUT_POLICY, at: tally.countedAt });
    } finally {
      tally.counting = null;
    }
  }

  function count(tenantId: TenantId, tally: Tally): Promise<void> {
    tally.counting ??= countAgain(tenantId, tally);
    return tally.counting;
  }

  return {
    async atDoor(accept) {
      if (accepting >= ACCEPTING_MAX) throw tooManyHere();
      accepting += 1;
      try {
        return await accept();
      } finally {
        accepting -= 1;
      }
    },
    async enter(tenantId) {
      const tally = tallyOf(tenantId);
      if (isFull(tally) && nowMs() - tally.countedAt >= COUNT_WHEN_FULL_MS) await count(tenantId, tally);
      if (isFull(tally)) {
        tally.refusedAt = nowMs();
        throw tooManyTurns();
      }
      tally.entering += 1;
      const isOld = nowMs() - tally.countedAt >= COUNT_AGAIN_MS;
      // A database that is away is told to the caller by the statement that follows.
      if (isOld) count(tenantId, tally).catch(() => null);
      return () => {
        tally.entering -= 1;
        tally.accepted += 1;
      };
    },
  };
}

function shareOut(tally: Tally, { waiting, limit, at }: { waiting: number; limit: number; at: number }): void {
  if (limit === tally.limit && at - tally.sharedAt < SHARE_AGAIN_MS) return;
  tally.share = nextShare({ share: tally.share, limit, waiting, sinceRefusalMs: at - tally.refusedAt });
  tally.limit = limit;
  tally.sharedAt = at;
}

function isFull({ counted, accepted, entering, share }: Tally): boolean {
  return counted + accepted + entering >= share;
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

function tooManyHere(): Problem {
  return new Problem('unavailable', {
    detail: 'Too many messages arrive at once. Nothing was changed; please send the request again.',
    headers: { 'Retry-After': '1' },
  });
}
