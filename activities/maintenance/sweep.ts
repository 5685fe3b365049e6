import type { Client } from '@temporalio/client';

import { sessionHandover, type SessionSettings } from '#domain/session-handover.ts';
import { purgeExpired } from '#models/commands/purge-expired.ts';
import { lapseHolds } from '#models/credit-ledger/lapse-holds.ts';
import { findStaleTurns, takeSweepLock } from '#models/stale-turns.ts';
import { sweepWebhooks } from '#models/webhook/sweep-webhooks.ts';
import { handOver } from '#platform/hand-over.ts';

import { sealLeftovers } from '../billing/seal-leftovers.ts';
import type { SealDeps } from '../billing/seal-tenants.ts';
import { wakeLanes } from '../webhook/relay-loop.ts';

export interface SweepDeps extends SealDeps {
  temporal: Client;
  sessionSettings: SessionSettings;
}

const TURNS_A_SWEEP = 100;
const HOLDS_A_SWEEP = 500;
const HAND_OVER_DEADLINE_MS = 5000;

/** Accepted turns without an outcome are handed over again with the same ids. */
export async function sweepTurns({ knex, temporal, logger, clock, sessionSettings }: SweepDeps): Promise<void> {
  await knex.transaction(async (trx) => {
    if (!(await takeSweepLock(trx))) return;
    const stale = await findStaleTurns(trx, { limit: TURNS_A_SWEEP });
    if (stale.length === 0) return;
    logger.info({ turns: stale.length }, 'handing accepted turns over again');
    // One after the other: the order of acceptance is the order of the conversation.
    await temporal.withDeadline(clock.now().getTime() + HAND_OVER_DEADLINE_MS, async () => {
      for (const turn of stale) await handOver(temporal, sessionHandover(turn, sessionSettings));
    });
  });
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
