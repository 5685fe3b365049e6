import { startSealLoop } from '#activities/billing/seal-loop.ts';
import { createMaintenanceActivities } from '#activities/maintenance/index.ts';
import { startSweepLoop } from '#activities/maintenance/sweep-loop.ts';
import { createWebhookActivities } from '#activities/webhook/index.ts';
import { startRelayLoop } from '#activities/webhook/relay-loop.ts';
import { createWakeBoard } from '#activities/webhook/wake-board.ts';
import type { EndpointId } from '#domain/ids.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import { systemClock } from '#platform/clock.ts';
import { openDoorbell } from '#platform/doorbell.ts';
import type { Env } from '#platform/env.ts';
import { openGuardedFetch } from '#platform/guarded-fetch.ts';
import { openKeyRing } from '#platform/key-ring.ts';
import { createLogger } from '#platform/logger.ts';
import { createMetrics, type Metrics } from '#platform/metrics.ts';

import type { AnswerLine } from './answer-line.ts';
import { chosenModel } from './chosen-model.ts';
import { countTurns } from './count-turns.ts';
import { openWorkerPools } from './open-pools.ts';
import { openTurns } from './open-turns.ts';
import { runWorkers } from './run-workers.ts';
import { sessionSettings } from './session-settings.ts';
import { createTurnSlots } from './turn-slots.ts';

export type WorkerEnv = Env & { DATABASE_URL: string; TEMPORAL_ADDRESS: string; BOB_SECRET_KEYS: string };

export interface WorkerParts {
  line: AnswerLine;
  mode: 'up' | 'strict';
  metrics?: Metrics;
}

/** Turn and webhook workers with the three loops beside them. `up` takes a local model at the offline rate. */
export async function startWorker(env: WorkerEnv, { line, mode, metrics = createMetrics() }: WorkerParts) {
  const clock = systemClock;
  const logger = createLogger({ level: env.LOG_LEVEL });
  const pools = openWorkerPools(env);
  const { knex } = pools;
  const doorbell = openDoorbell({ knex: pools.bell, logger });
  const ringEndpoints = (ids: readonly EndpointId[]) => ids.forEach((id) => doorbell.ring('webhook_due', id));
  const sealing = { knex, clock, logger, ringEndpoints };
  const seal = startSealLoop(sealing);
  const ledger = createCreditLedger({ knex: pools.reserve, sealPoke: (tenantId) => seal.poke(tenantId) });
  const model = await chosenModel({ env, books: ledger.books, clock, logger, mode });
  const wakeBoard = createWakeBoard();

  const settings = sessionSettings(env);
  const slots = createTurnSlots({ max: env.BOB_TURN_SLOTS, atWorkMax: env.BOB_TURNS_AT_WORK });
  const sweeping = { sessionSettings: settings, isBusy: slots.isBusy };
  const turnDeps = { knex, stream: pools.stream, ledger, model, clock, logger, aside: slots.aside };
  const turns = await openTurns(env, turnDeps, { line, doorbell, ringEndpoints });

  const workers = await runWorkers(env, slots, (temporal) => ({
    ...countTurns(turns.activities, metrics),
    ...createMaintenanceActivities({ ...sealing, ...sweeping, temporal }),
    ...createWebhookActivities({
      knex,
      wakeBoard,
      clock,
      logger,
      countAttempt: metrics.countWebhookAttempt,
      keyRing: openKeyRing(env.BOB_SECRET_KEYS),
      guardedFetch: openGuardedFetch({ allowHosts: env.WEBHOOK_ALLOW_HOSTS ?? '' }),
    }),
  }));
  const { client: temporal, isPolling } = workers;
  const relay = startRelayLoop({ knex, listenUrl: env.DATABASE_URL, temporal, wakeBoard, clock, logger });
  const sweep = startSweepLoop({ ...sealing, ...sweeping, temporal });

  return {
    temporal,
    isPolling,
    async stop(): Promise<void> {
      await Promise.all([sweep.stop(), relay.stop(), workers.stop()]);
      await turns.close();
      await seal.stop();
      await doorbell.close();
      await pools.close();
    },
  };
}
