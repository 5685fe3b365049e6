import { checkAddress, checkDatabase } from '#platform/embedded/check-reachable.ts';
import { readProcessEnv } from '#platform/env.ts';

import { openAnswerLine } from './answer-line.ts';
import { requireForProcess } from './require-for-process.ts';
import { startApi } from './start-api.ts';
import { runUntilStopped } from './up/run-until-stopped.ts';

const log = (line: string): boolean => process.stdout.write(`${line}\n`);

// The HTTP edge alone; answers made in other processes arrive by the database's doorbell.
await runUntilStopped(async (stops) => {
  const env = requireForProcess(readProcessEnv());
  await checkDatabase('DATABASE_URL', env.DATABASE_URL);
  await checkAddress('TEMPORAL_ADDRESS', env.TEMPORAL_ADDRESS);
  const api = await stops.start(
    () => startApi(env, { line: openAnswerLine() }),
    (started) => started.stop(),
  );
  log(`API: ${api.url}`);
}, log);
