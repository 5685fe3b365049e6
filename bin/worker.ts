import { checkDatabase } from '#platform/embedded/check-reachable.ts';
import { checkTemporal } from '#platform/embedded/check-temporal.ts';
import { readProcessEnv } from '#platform/env.ts';

import { openAnswerLine } from './answer-line.ts';
import { requireForProcess } from './require-for-process.ts';
import { requireMigrated } from './require-migrated.ts';
import { startWorker } from './start-worker.ts';
import { runUntilStopped } from './up/run-until-stopped.ts';

const log = (line: string): boolean => process.stdout.write(`${line}\n`);

// Turns, webhooks and the loops alone; nobody waits in this process, so every answer rings the doorbell.
await runUntilStopped(async (stops) => {
  const env = requireForProcess(readProcessEnv());
  await checkDatabase('DATABASE_URL', env.DATABASE_URL);
  await requireMigrated(env);
  await checkTemporal(env);
  await stops.start(
    () => startWorker(env, { line: openAnswerLine(), mode: 'strict' }),
    (started) => started.stop(),
  );
  log('Worker: started');
}, log);
