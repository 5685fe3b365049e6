import type { Knex } from 'knex';

/** Names of the migrations this database has gone through. */
export async function appliedMigrations(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(`select m.name from knex_migrations m order by m.name`);
  return rows.map((row) => row.name);
}
