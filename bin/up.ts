import type { Client } from '@temporalio/client';

import { startProgress } from './prepare/progress.mjs';
import { openAnswerLine } from './answer-line.ts';
import { migrateDatabase } from './migrate-database.ts';
import { startApi } from './start-api.ts';
import { startWorker } from './start-worker.ts';
import { bringUp } from './up/bring-up.ts';
import { runUntilStopped } from './up/run-until-stopped.ts';
import { welcome } from './up/welcome.ts';
import { readProcessEnv } from '#platform/env.ts';
import { createMetrics } from '#platform/metrics.ts';

const log = startProgress();
const mode = 'up';
const line = openAnswerLine();
const metrics = createMetrics();
let shared: Client | null = null;

// One process, one event loop: API and worker side by side on parts of our own (or yours).
await runUntilStopped(async (stops) => {
  const product = {
    prepareDatabase: (env: Parameters<typeof migrateDatabase>[0]) => migrateDatabase(env, { log, mode }),
    async startWorker(env: Parameters<typeof startWorker>[0]) {
      const worker = await startWorker(env, { line, mode, metrics });
      shared = worker.temporal;
      return worker;
    },
    startApi: (env: Parameters<typeof startApi>[0]) => startApi(env, { line, shared, metrics }),
  };
  const up = await bringUp(product, { env: readProcessEnv(), stops, log });
  process.stdout.write(welcome(up));
}, log);
