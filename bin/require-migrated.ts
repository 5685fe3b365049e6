import { missingMigrations } from '#models/read/missing-migrations.ts';
import { openDatabase } from '#platform/database.ts';
import { CannotStart } from '#platform/embedded/cannot-start.ts';

/** `bob api` and `bob worker` change no table, so they say at once when the tables of this release are not there. */
export async function requireMigrated({ DATABASE_URL: url }: { DATABASE_URL: string }): Promise<void> {
  const knex = openDatabase({ url, applicationName: 'bob-start', poolMax: 1 });
  try {
    const { missing, shipped } = await missingMigrations(knex);
    if (missing === 0) return;
    throw new CannotStart(
      `DATABASE_URL: ${missing} of ${shipped} migrations have not run there. ` +
        'Run `node bin/bob.mjs migrate` first.',
    );
  } finally {
    await knex.destroy();
  }
}
