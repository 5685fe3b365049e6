import type { Knex } from 'knex';

import { sqlStateOf } from '#platform/database.ts';

const UNDEFINED_TABLE = '42P01';

/** Names of the migrations this database has gone through; none where no migration ever ran. */
export async function appliedMigrations(knex: Knex): Promise<string[]> {
  try {
    const { rows } = await knex.raw<{ rows: { name: string }[] }>(
      `select m.name from knex_migrations m order by m.name`,
    );
    return rows.map((row) => row.name);
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}
