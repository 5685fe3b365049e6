import type { Client } from '@temporalio/client';

import { sessionHandover, type SessionSettings } from '#domain/session-handover.ts';
import { purgeExpired } from '#models/commands/purge-expired.ts';
import { lapseHolds } from '#models/credit-ledger/lapse-holds.ts';
import { findStaleTurns, takeSweepLock, type StaleTurn } from '#models/stale-turns.ts';
import { sweepWebhooks } from '#models/webhook/sweep-webhooks.ts';
import { handOver } from '#platform/hand-over.ts';

import { sealLeftovers } from '../billing/seal-leftovers.ts';
import type { SealDeps } from '../billing/seal-tenants.ts';
import { wakeLanes } from '../webhook/relay-loop.ts';
import { type HandedOver, rememberHandedOver } from './handed-over.ts';

export interface SweepDeps extends SealDeps {
  temporal: Client;
  /** The worker of this process has as much to do as it can. */
  isBusy(): boolean;
  sessionSettings: SessionSettings;
}

const TURNS_LOOKED_AT = 500;
const TURNS_A_SWEEP = 100;
/** What waits then stands in a queue, in order: only of the oldest it may be that nobody has it. */
const TURNS_A_BUSY_SWEEP = 8;
const HOLDS_A_SWEEP = 500;
const SESSIONS_AT_A_TIME = 16;
const HAND_OVER_DEADLINE_MS = 5000;

/** Accepted turns without an outcome are handed over again with the same ids. */
export async function sweepTurns(deps: SweepDeps, handed: HandedOver = rememberHandedOver(deps.clock)): Promise<void> {
  const { knex, logger } = deps;
  await knex.transaction(async (trx) => {
    if (!(await takeSweepLock(trx))) return;
    const found = await findStaleTurns(trx, { limit: TURNS_LOOKED_AT });
    const stale = found
      .filter(({ turnId }) => !handed.has(turnId))
      .slice(0, deps.isBusy() ? TURNS_A_BUSY_SWEEP : TURNS_A_SWEEP);
    if (stale.length === 0) return;
    logger.info({ turns: stale.length }, 'handing accepted turns over again');
    const conversations = Map.groupBy(stale, (turn) => turn.sessionId).values();
    await Promise.all(
      Array.from({ length: SESSIONS_AT_A_TIME }, async () => {
        for (const turns of conversations) await handOverInOrder(deps, turns, handed);
      }),
    );
  });
}

/** The order of acceptance is the order of the conversation. One that cannot be reached keeps no other one waiting. */
async function handOverInOrder(
  { temporal, logger, clock, sessionSettings }: SweepDeps,
  turns: readonly StaleTurn[],
  handed: HandedOver,
): Promise<void> {
  try {
    await temporal.withDeadline(clock.now().getTime() + HAND_OVER_DEADLINE_MS, async () => {
      for (const turn of turns) {
        await handOver(temporal, sessionHandover(turn, sessionSettings));
        handed.add(turn.turnId);
      }
    });
  } catch (error) {
    logger.warn({ error, turnId: turns[0]?.turnId }, 'accepted turn not handed over, trying again');
  }
}

/** Holds past their time, and ended turns that no ledger row tells of yet. */
export async function sweepLedger(deps: SweepDeps): Promise<void> {
  await lapseHolds(deps.knex, { at: deps.clock.now(), limit: HOLDS_A_SWEEP });
  await sealLeftovers(deps);
}

/** Lanes with due rows that nobody woke, and leases of dead processes. */
export async function sweepLanes(deps: SweepDeps): Promise<void> {
  const { due } = await sweepWebhooks(deps.knex);
  await wakeLanes(deps, due);
}

/** The whole round, for the schedule: what the loops of every dead worker left. */
export async function sweepAll(deps: SweepDeps): Promise<void> {
  await sweepTurns(deps);
  await sweepLedger(deps);
  await sweepLanes(deps);
  await purgeExpired(deps.knex);
}
