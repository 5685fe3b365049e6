import knexFactory from 'knex';
import pg from 'pg';

import { sqlStateOf } from '#platform/database.ts';

import { databaseUrl } from './database-url.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

export const MIGRATIONS = new URL('../../migrations', import.meta.url).pathname;

/** Creates a database and runs every migration on it, through knex like `bob migrate`. */
export async function createMigrated({ adminUrl, name }: { adminUrl: string; name: string }): Promise<void> {
  const url = await createDatabase({ adminUrl, name });
  const knex = knexFactory({ client: 'pg', connection: url, pool: { min: 0, max: 2 } });
  try {
    await knex.migrate.latest({ directory: MIGRATIONS, loadExtensions: ['.ts'] });
  } finally {
    // A template must have no connection of its own when it is cloned.
    await knex.destroy();
  }
}

/** An empty database; returns its URL. */
export async function createDatabase({ adminUrl, name }: { adminUrl: string; name: string }): Promise<string> {
  await withAdmin(adminUrl, (admin) => admin.query(`create database ${name}`));
  return databaseUrl(adminUrl, name);
}

export async function databasesOf({ adminUrl, prefix }: { adminUrl: string; prefix: string }): Promise<string[]> {
  return withAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      `select d.datname from pg_database d where starts_with(d.datname, $1) order by d.datname`,
      [prefix],
    );
    return rows.map((row) => row.datname);
  });
}

export async function dropDatabases({ adminUrl, names }: { adminUrl: string; names: string[] }): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    for (const name of names) await dropDatabase(admin, name);
  });
}

/** A role that is no superuser may not force out an autovacuum at work; without force, it is asked to leave. */
async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  try {
    await admin.query(`drop database if exists ${name} with (force)`);
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    await admin.query(`drop database if exists ${name}`);
  }
}

async function withAdmin<T>(url: string, run: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: 'bob-test-admin' });
  await admin.connect();
  try {
    return await run(admin);
  } finally {
    await admin.end();
  }
}
