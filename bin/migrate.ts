import { checkDatabase } from '#platform/embedded/check-reachable.ts';
import { CannotStart } from '#platform/embedded/cannot-start.ts';
import { readProcessEnv } from '#platform/env.ts';

import { migrateDatabase } from './migrate-database.ts';
import { runOnce } from './run-once.ts';

const log = (line: string): boolean => process.stdout.write(`${line}\n`);

await runOnce(async () => {
  const env = readProcessEnv();
  const { DATABASE_URL } = env;
  if (DATABASE_URL === undefined) throw new CannotStart('DATABASE_URL: needed to migrate a database.');
  await checkDatabase('DATABASE_URL', DATABASE_URL);
  await migrateDatabase({ ...env, DATABASE_URL }, { log, mode: 'strict' });
});
