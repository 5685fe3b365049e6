import { Problem } from '#contract/problems.ts';
import type { TenantId } from '#domain/ids.ts';
import { readTurnsInFlight } from '#models/read/turns-in-flight.ts';
import type { Clock } from '#platform/clock.ts';
import type { Knex } from 'knex';

import type { PolicyReader } from '../limits/policy-reader.ts';
import { createFairShare, type HeardAnswer } from './fair-share.ts';
import { createHandoverLine, type WaitingTurn } from './handover-line.ts';
import { createTenantTally, type Place, type TenantTally } from './tenant-tally.ts';

export interface TurnsInFlight {
  /** Accepts a message, or says 503 where this process has too many to accept at the same time. */
  atDoor<T>(accept: () => Promise<T>): Promise<T>;
  /** 429 where the tenant is known to have no place left: the database is asked only when that was long ago. */
  refuseFull(tenantId: TenantId): Promise<void>;
  /** A place for one message, or 429. */
  enter(tenantId: TenantId): Promise<Place>;
  /** Tells the session of an accepted turn, now or when its tenant has room for it. */
  handOver(tenantId: TenantId, tell: () => void): WaitingTurn;
  /** How long an answer took tells whether turns wait for each other. */
  hear(answer: HeardAnswer): void;
}

export interface TurnsInFlightDeps {
  knex: Knex;
  clock: Clock;
  policy: PolicyReader;
}

const COUNT_AGAIN_MS = 1000;
/** Refusing must stay cheaper than answering: a flood does not count for each of its messages. */
const COUNT_WHEN_FULL_MS = 100;
const TENANTS_MAX = 10_000;
/** All of these share the connections of one pool; who came later would only wait for longer. */
const ACCEPTING_MAX = 400;
/** Who has not written for as long is nobody's neighbour. */
const ACTIVE_MS = 10_000;

/**
 * One tenant's flood must not take the worker from all others. The steady case asks nobody: the count is renewed beside
 * the requests, and one of them waits for it only where it would be refused without, or where nothing is known yet.
 */
export function createTurnsInFlight({ knex, clock, policy }: TurnsInFlightDeps): TurnsInFlight {
  const tallies = new Map<TenantId, TenantTally>();
  const nowMs = (): number => clock.now().getTime();
  let limit = 0;

  const share = createFairShare({
    nowMs,
    inFlight: () => [...tallies.values()].filter((tally) => tally.isActive(ACTIVE_MS)).map((tally) => tally.inFlight()),
  });

  function tallyOf(tenantId: TenantId): TenantTally {
    const known = tallies.get(tenantId);
    if (known !== undefined) return known;
    if (tallies.size >= TENANTS_MAX) forgetIdle(tallies);
    const fresh = createTenantTally({ read: (before) => readTurnsInFlight(knex, tenantId, before), nowMs });
    tallies.set(tenantId, fresh);
    return fresh;
  }

  const line = createHandoverLine({ nowMs, allowance: share.allowance });

  const isFull = (tally: TenantTally): boolean => tally.inFlight() >= limit;
  const refuseLong = (tenantId: TenantId): void => {
    if (line.isLong(tenantId)) throw tooManyTurns();
  };

  /** Waits where nothing is known yet, and where what is known of other processes is old and would refuse. */
  async function countWhereDue(tally: TenantTally): Promise<void> {
    limit = (await policy.read()).turnsInFlightPerTenant;
    const isDue = isFull(tally) ? tally.hasElsewhere() && tally.isOlder(COUNT_WHEN_FULL_MS) : tally.isOlder(Infinity);
    if (isDue) await tally.count();
  }

  return {
    atDoor: openDoor(),
    async refuseFull(tenantId) {
      const tally = tallies.get(tenantId);
      if (tally === undefined) return;
      refuseLong(tenantId);
      await countWhereDue(tally);
      if (isFull(tally)) throw tooManyTurns();
    },
    async enter(tenantId) {
      refuseLong(tenantId);
      const tally = tallyOf(tenantId);
      await countWhereDue(tally);
      // Nothing is awaited between this look and the place: of all who waited for one count each takes its own.
      if (isFull(tally)) throw tooManyTurns();
      const place = tally.take();
      // A database that is away is told to the caller by the statement that follows.
      if (tally.isOlder(COUNT_AGAIN_MS)) tally.count().catch(() => null);
      return place;
    },
    handOver: line.enter,
    hear(answer) {
      share.hear(answer);
      line.serve();
    },
  };
}

function openDoor(): TurnsInFlight['atDoor'] {
  let accepting = 0;
  return async function atDoor(accept) {
    if (accepting >= ACCEPTING_MAX) throw tooManyHere();
    accepting += 1;
    try {
      return await accept();
    } finally {
      accepting -= 1;
    }
  };
}

function forgetIdle(tallies: Map<TenantId, TenantTally>): void {
  for (const [tenantId, tally] of tallies) if (tally.isIdle()) tallies.delete(tenantId);
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
