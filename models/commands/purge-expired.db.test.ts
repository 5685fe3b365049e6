import { afterAll, beforeAll, expect, test } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { purgeExpired } from './purge-expired.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const TURN = '0195f3a0-0000-7000-8000-000000000003';

async function keepChunks(count: number, age: string, attempt: number): Promise<void> {
  await database.knex.raw(
    `insert into reply_chunk (tenant_id, turn_id, attempt, seq, text, at)
     select :turn, :turn, :attempt, n, 'word', now() - :age::interval from generate_series(1, :count) as n`,
    { turn: TURN, attempt, age, count },
  );
}

test('shown text is forgotten after ten minutes, however much there is, and younger text is kept', async () => {
  // More than one batch.
  await keepChunks(12_000, '11 minutes', 1);
  await keepChunks(3, '9 minutes', 2);
  await purgeExpired(database.knex);
  expect(await database.knex('reply_chunk').distinct('attempt')).toEqual([{ attempt: 2 }]);
  await purgeExpired(database.knex);
  expect(await database.knex('reply_chunk').select('seq')).toHaveLength(3);
});
