import { checkDatabase } from '#platform/embedded/check-reachable.ts';
import { checkTemporal } from '#platform/embedded/check-temporal.ts';
import { readProcessEnv } from '#platform/env.ts';

import { openAnswerLine } from './answer-line.ts';
import { requireForProcess } from './require-for-process.ts';
import { requireMigrated } from './require-migrated.ts';
import { startApi } from './start-api.ts';
import { checkPort } from './up/check-port.ts';
import { runUntilStopped } from './up/run-until-stopped.ts';

const log = (line: string): boolean => process.stdout.write(`${line}\n`);

// The HTTP edge alone; answers made in other processes arrive by the database's doorbell.
await runUntilStopped(async (stops) => {
  const env = requireForProcess(readProcessEnv());
  await checkPort(env);
  await checkDatabase('DATABASE_URL', env.DATABASE_URL);
  await requireMigrated(env);
  await checkTemporal(env);
  const api = await stops.start(
    () => startApi(env, { line: openAnswerLine() }),
    (started) => started.stop(),
  );
  log(`API: ${api.url}`);
}, log);
