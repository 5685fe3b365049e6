import type { Knex } from 'knex';

import { createFirstData, findDemoWidgetKey, hasTenant } from '#models/commands/first-data.ts';
import { grantRuntimeRole } from '#models/commands/grant-runtime-role.ts';
import { systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import { CannotStart } from '#platform/embedded/cannot-start.ts';
import type { Env } from '#platform/env.ts';
import { migrationsDirectory } from '#platform/migration-files.ts';
import { hashPassword } from '#platform/passwords.ts';

export type MigrateEnv = Env & { DATABASE_URL: string };

const DEMO_EMAIL = 'customer@business.com';
/** On a machine of one's own, loops and load from loopback must not meet the published limits. */
const WIDE_RATE_FACTOR = 1000;
/** A migration that waits for a table makes everything behind it wait as well: better it fails and is started again. */
const LOCK_TIMEOUT_MS = 10_000;

/** What a newcomer can be shown of the first data. */
export interface Prepared {
  demoWidgetKey: string | null;
}

/** Migrations as the owner, rights for the product's own role, and first data: each step may be repeated. */
export async function migrateDatabase(
  env: MigrateEnv,
  { log, mode }: { log: (line: string) => void; mode: 'up' | 'strict' },
): Promise<Prepared> {
  const url = env.DATABASE_OWNER_URL ?? env.DATABASE_URL;
  const knex = openDatabase({
    url,
    applicationName: 'bob-migrate',
    poolMax: 2,
    statementTimeoutMs: 0,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
  });
  try {
    const passwordHash = await operatorPassword(knex, env);
    const count = await migrate(knex);
    await grantRuntimeRole(knex, decodeURIComponent(new URL(env.DATABASE_URL).username));
    await createFirstData(knex, {
      operator: { email: env.BOB_OPERATOR_EMAIL, passwordHash },
      demo: mode === 'up' ? demoAccount(env) : null,
      rateFactor: mode === 'up' ? WIDE_RATE_FACTOR : 1,
      at: systemClock.now(),
    });
    log(count === 0 ? 'Database: up to date' : `Database: ${count} migrations`);
    return { demoWidgetKey: mode === 'up' ? await findDemoWidgetKey(knex, systemClock.now()) : null };
  } finally {
    await knex.destroy();
  }
}

async function migrate(knex: Knex): Promise<number> {
  const done: unknown = await knex.migrate.latest({ directory: migrationsDirectory, loadExtensions: ['.ts'] });
  return Array.isArray(done) && Array.isArray(done[1]) ? done[1].length : 0;
}

/** Needed only while the account does not exist; asked for before anything is written. */
async function operatorPassword(knex: Knex, env: MigrateEnv): Promise<() => Promise<string>> {
  const password = env.BOB_OPERATOR_PASSWORD;
  if (password === undefined && !(await hasOperator(knex))) {
    throw new CannotStart('BOB_OPERATOR_PASSWORD: set the password of the first operator (at least 8 characters).');
  }
  return () => hashPassword(password ?? '');
}

/** A database that was never migrated has no table to look into. */
async function hasOperator(knex: Knex): Promise<boolean> {
  return (await knex.schema.hasTable('tenant')) && (await hasTenant(knex, 'office16852-platform'));
}

function demoAccount({ BOB_DEMO_PASSWORD: password }: MigrateEnv) {
  if (password === undefined) throw new CannotStart('BOB_DEMO_PASSWORD is missing.');
  return { email: DEMO_EMAIL, passwordHash: () => hashPassword(password) };
}
