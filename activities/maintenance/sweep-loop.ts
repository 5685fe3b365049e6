import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

import { sessionHandover } from '#domain/session-handover.ts';
import { lapseHolds } from '#models/credit-ledger/lapse-holds.ts';
import { findStaleTurns, takeSweepLock } from '#models/stale-turns.ts';
import { sweepWebhooks } from '#models/webhook/sweep-webhooks.ts';
import { handOver } from '#platform/hand-over.ts';

import { sealLeftovers } from '../billing/seal-leftovers.ts';
import type { SealDeps } from '../billing/seal-tenants.ts';
import { wakeLanes } from '../webhook/relay-loop.ts';

export interface SweepDeps extends SealDeps {
  temporal: Client;
}

const EVERY_MS = 2000;
/** Holds and leftovers of dead processes are looked at less often: nobody waits for them. */
const LEDGER_EVERY = 3;
const WEBHOOKS_EVERY = 15;
const TURNS_A_SWEEP = 100;
const HOLDS_A_SWEEP = 500;
const HAND_OVER_DEADLINE_MS = 5000;

/**
 * Drives what a crash left behind: accepted turns without an outcome, holds past their time, ended turns that no ledger
 * row tells of, webhook lanes with due rows. It writes nothing when there is nothing to do.
 */
export function startSweepLoop(deps: SweepDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function run(): Promise<void> {
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      await sweepOnce(deps, round).catch((error: unknown) => deps.logger.warn({ error }, 'sweep failed, trying again'));
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function sweepOnce(deps: SweepDeps, round: number): Promise<void> {
  await sweepTurns(deps);
  if (round % LEDGER_EVERY === 0) {
    await lapseHolds(deps.knex, { at: deps.clock.now(), limit: HOLDS_A_SWEEP });
    await sealLeftovers(deps);
  }
  if (round % WEBHOOKS_EVERY === 0) {
    const { due } = await sweepWebhooks(deps.knex);
    await wakeLanes(deps, due);
  }
}

async function sweepTurns({ knex, temporal, logger, clock }: SweepDeps): Promise<void> {
  await knex.transaction(async (trx) => {
    if (!(await takeSweepLock(trx))) return;
    const stale = await findStaleTurns(trx, { limit: TURNS_A_SWEEP });
    if (stale.length === 0) return;
    logger.info({ turns: stale.length }, 'handing accepted turns over again');
    // One after the other: the order of acceptance is the order of the conversation.
    await temporal.withDeadline(clock.now().getTime() + HAND_OVER_DEADLINE_MS, async () => {
      for (const turn of stale) await handOver(temporal, sessionHandover(turn));
    });
  });
}
