import { checkDatabase } from '#platform/embedded/check-reachable.ts';
import { checkTemporal } from '#platform/embedded/check-temporal.ts';
import { readProcessEnv } from '#platform/env.ts';
import { createLogger } from '#platform/logger.ts';
import { createMetrics } from '#platform/metrics.ts';

import { openAnswerLine } from './answer-line.ts';
import { requireForProcess } from './require-for-process.ts';
import { requireMigrated } from './require-migrated.ts';
import { startWorker } from './start-worker.ts';
import { runUntilStopped } from './up/run-until-stopped.ts';
import { serveWorkerHealth } from './worker-health.ts';

const log = (line: string): boolean => process.stdout.write(`${line}\n`);

// Turns, webhooks and the loops alone; nobody waits in this process, so every answer rings the doorbell.
await runUntilStopped(async (stops) => {
  const env = requireForProcess(readProcessEnv());
  await checkDatabase('DATABASE_URL', env.DATABASE_URL);
  await requireMigrated(env);
  await checkTemporal(env);
  const metrics = createMetrics();
  const worker = await stops.start(
    () => startWorker(env, { line: openAnswerLine(), mode: 'strict', metrics }),
    (started) => started.stop(),
  );
  const { BOB_WORKER_HEALTH_PORT: port, DATABASE_URL: databaseUrl, METRICS_TOKEN: metricsToken } = env;
  if (port !== undefined) {
    const logger = createLogger({ level: env.LOG_LEVEL });
    const health = await stops.start(
      () => serveWorkerHealth({ port, databaseUrl, logger, metrics, metricsToken, ...worker }),
      (started) => started.stop(),
    );
    log(`Health: ${health.url}`);
  }
  log('Worker: started');
}, log);
