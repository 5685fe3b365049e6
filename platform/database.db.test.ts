import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';
import { openDatabase, retryOnConflict, sqlStateOf } from './database.ts';
import { describeError } from './describe-error.ts';

const MARKER = 'marker-words-of-a-visitor';
let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await database.knex.raw('create table note (id integer primary key, words text not null, at uuid)');
  await database.knex.raw(`insert into note (id, words) values (1, 'one'), (2, 'two')`);
});
afterAll(() => database.drop());

async function failureOf(run: Promise<unknown>): Promise<Error> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error('it did not fail');
}

describe('an error never carries what a statement was given', () => {
  it.each([
    ['a key that exists', 'insert into note (id, words) values (1, ?)'],
    ['a text with the separator', `insert into note (id, words) values (1, ? || ' - ' || ?)`],
    ['a missing value', 'insert into note (words) values (?)'],
    ['a value of another type', 'select ?::uuid'],
    ['a number that is none', 'select (?::text)::integer'],
    ['a broken statement', 'select ?::text from nowhere'],
    ['a broken JSON', 'select (?::text)::jsonb'],
  ])('%s', async (_what, statement) => {
    const bindings = Array.from({ length: statement.split('?').length - 1 }, () => MARKER);
    const error = await failureOf(database.knex.raw(statement, bindings));
    expect(sqlStateOf(error)).toMatch(/^\w{5}$/);
    expect(JSON.stringify(describeError(error))).not.toContain(MARKER);
    // The message before it is described: other programs, such as Temporal, are told this one.
    expect(error.message.split(' - ')[0]).not.toContain(MARKER);
  });

  it('in a transaction neither', async () => {
    const failing = database.knex.transaction((trx) => trx('note').insert({ id: 1, words: MARKER }));
    expect((await failureOf(failing)).message).not.toContain(MARKER);
  });
});

it('times are UTC and a statement that hangs is cut off', async () => {
  const knex = openDatabase({ url: database.url, applicationName: 'bob-test', poolMax: 1, statementTimeoutMs: 200 });
  try {
    const shown = await knex.raw<{ rows: { TimeZone: string }[] }>('show timezone');
    expect(shown.rows).toEqual([{ TimeZone: 'UTC' }]);
    expect(sqlStateOf(await failureOf(knex.raw('select pg_sleep(20)')))).toBe('57014');
  } finally {
    await knex.destroy();
  }
});

it('a statement waits for a lock no longer than it may', async () => {
  const knex = openDatabase({ url: database.url, applicationName: 'bob-test', poolMax: 1, lockTimeoutMs: 100 });
  try {
    await database.knex.transaction(async (trx) => {
      await trx.raw('lock table note in access exclusive mode');
      expect(sqlStateOf(await failureOf(knex.raw('alter table note add column more text')))).toBe('55P03');
    });
  } finally {
    await knex.destroy();
  }
});

it('two transactions that lock each other out both end', async () => {
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const swap = (first: number, second: number) =>
    retryOnConflict(() =>
      database.knex.transaction(async (trx) => {
        await trx.raw('update note set words = words where id = ?', [first]);
        arrived += 1;
        if (arrived === 2) both.resolve();
        await both.promise;
        await trx.raw('update note set words = words || ? where id = ?', [String(first), second]);
      }),
    );
  await Promise.all([swap(1, 2), swap(2, 1)]);
  const notes = await database.knex.raw<{ rows: { words: string }[] }>('select words from note order by id');
  expect(notes.rows.map(({ words }) => words)).toEqual(['one2', 'two1']);
});
