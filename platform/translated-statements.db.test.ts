import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';

let database: FreshDatabase;
let knex: Knex;

beforeAll(async () => {
  database = await freshDatabase();
  ({ knex } = database);
});
afterAll(() => database.drop());

async function rowOf(statement: Knex.Raw<{ rows: unknown[] }>): Promise<unknown> {
  return (await statement).rows[0];
}

it('values stand where their names are, each time and in a transaction', async () => {
  const sql = 'select :word::text as word, :number::integer + :number::integer as twice, :at::timestamptz as at';
  const at = new Date('2026-03-01T12:00:00Z');
  expect(await rowOf(knex.raw(sql, { word: 'one', number: 2, at }))).toEqual({ word: 'one', twice: 4, at });
  expect(await rowOf(knex.raw(sql, { at: null, number: 5, word: 'two' }))).toEqual({
    word: 'two',
    twice: 10,
    at: null,
  });
  await knex.transaction(async (trx) => {
    expect(await rowOf(trx.raw(sql, { word: '?', number: 0, at }))).toEqual({ word: '?', twice: 0, at });
  });
});

it('a text that looks like a name stays a text', async () => {
  const sql = `select :word as word, ':other' as quoted, '{"a":1}'::jsonb \\? 'a' as has`;
  for (const word of [':word', '$1', '?']) {
    expect(await rowOf(knex.raw(sql, { word }))).toEqual({ word, quoted: ':other', has: true });
  }
});

it('the same text with other names is another statement', async () => {
  const sql = `select :first::text as first, ':second' as second`;
  expect(await rowOf(knex.raw(sql, { first: 'one' }))).toEqual({ first: 'one', second: ':second' });
  await expect(knex.raw(sql, { first: 'one', second: 'two' })).rejects.toThrow(/bind message supplies 2 parameters/);
  expect(await rowOf(knex.raw(sql, { first: 'three' }))).toEqual({ first: 'three', second: ':second' });
});

it('a value that is missing is refused before anything is sent', async () => {
  const sql = 'select :first::integer as first, :second::integer as second';
  expect(await rowOf(knex.raw(sql, { first: 1, second: 2 }))).toEqual({ first: 1, second: 2 });
  const missing = { first: 1, second: undefined } as unknown as Record<string, number>;
  await expect(knex.raw(sql, missing).then()).rejects.toThrow('Undefined binding');
});

it('parts of a statement can be given by name', async () => {
  const sql = 'select :part as one, :name: from (values (7)) as given (number)';
  const given = { part: knex.raw('1 + 1'), name: 'number' };
  expect(await rowOf(knex.raw(sql, given))).toEqual({ one: 2, number: 7 });
  expect(await rowOf(knex.raw(sql, { ...given, part: knex.raw('2 + 1') }))).toEqual({ one: 3, number: 7 });
});

it('a name of a column is taken as it is given', async () => {
  const sql = 'select :column: as one from (values (1, 2)) as given (a, b)';
  expect(await rowOf(knex.raw(sql, { column: 'a' }))).toEqual({ one: 1 });
  expect(await rowOf(knex.raw(sql, { column: 'b' }))).toEqual({ one: 2 });
});
