import { appliedMigrations } from '#models/read/applied-migrations.ts';
import { openDatabase } from '#platform/database.ts';
import { CannotStart } from '#platform/embedded/cannot-start.ts';
import { migrationFiles } from '#platform/migration-files.ts';

/** `bob api` and `bob worker` change no table, so they say at once when the tables of this release are not there. */
export async function requireMigrated({ DATABASE_URL: url }: { DATABASE_URL: string }): Promise<void> {
  const knex = openDatabase({ url, applicationName: 'bob-start', poolMax: 1 });
  try {
    const applied = (await knex.schema.hasTable('knex_migrations')) ? await appliedMigrations(knex) : [];
    const shipped = await migrationFiles();
    const missing = shipped.filter((name) => !applied.includes(name));
    if (missing.length === 0) return;
    throw new CannotStart(
      `DATABASE_URL: ${missing.length} of ${shipped.length} migrations have not run there. ` +
        'Run `node bin/bob.mjs migrate` first.',
    );
  } finally {
    await knex.destroy();
  }
}
