import type { Knex } from 'knex';

import { migrationFiles } from '#platform/migration-files.ts';

import { appliedMigrations } from './applied-migrations.ts';

/** How far this database is behind the release that asks. */
export async function missingMigrations(knex: Knex): Promise<{ missing: number; shipped: number }> {
  const [applied, shipped] = await Promise.all([appliedMigrations(knex), migrationFiles()]);
  return { missing: shipped.filter((name) => !applied.includes(name)).length, shipped: shipped.length };
}
