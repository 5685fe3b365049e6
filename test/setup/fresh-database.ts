import { randomBytes } from 'node:crypto';

import type { Knex } from 'knex';
import pg from 'pg';
import { inject } from 'vitest';

import { openDatabase } from '#platform/database.ts';

import { databaseUrl } from './database-url.ts';
import { dropDatabases } from './template.ts';

export interface FreshDatabase {
  url: string;
  knex: Knex;
  /** Closes the pool and removes the database; a kept one stays for `npm run check:invariants`. */
  drop(): Promise<void>;
}

/**
 * A migrated database of the test's own, cloned from the template in some 50 ms. With `keep` it outlives the test, and
 * `npm test` checks the ten invariants on it at the end: right for every test that lets whole turns run.
 */
export async function freshDatabase({ keep = false, poolMax = 8 } = {}): Promise<FreshDatabase> {
  const admin = inject('adminDatabaseUrl');
  const kind = keep ? 'kept' : 'test';
  const name = `${inject('databasePrefix')}_${kind}_${randomBytes(6).toString('hex')}`;
  await runAsAdmin(admin, `create database ${name} template ${inject('templateDatabase')}`);

  const url = databaseUrl(admin, name);
  const knex = openDatabase({ url, applicationName: 'bob-test', poolMax });
  return {
    url,
    knex,
    async drop() {
      await knex.destroy();
      if (!keep) await dropDatabases({ adminUrl: admin, names: [name] });
    },
  };
}

async function runAsAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'bob-test-admin' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
