import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid } from '#domain/ids.ts';

import { insertTenantUser } from '../../test/fixtures/tenant-user.ts';
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

test('links of mails and sessions are forgotten a month after they ended, and younger ones are kept', async () => {
  const { tenantId, userId } = await insertTenantUser(database.knex);
  for (const [hash, age] of [
    ['old', '31 days'],
    ['young', '29 days'],
  ] as const) {
    await database.knex.raw(
      `with asked as (
         insert into password_reset (tenant_id, id, user_id, token_hash, created_at, expires_at)
         values (:tenantId, gen_random_uuid(), :userId, :hash, now() - :age::interval, now() - :age::interval)
       ), came as (
         insert into auth_session (tenant_id, id, user_id, token_hash, created_at, expires_at)
         values (:tenantId, gen_random_uuid(), :userId, :hash, now() - :age::interval, now() - :age::interval)
       )
       insert into invite (tenant_id, id, email, name, role, token_hash, invited_by, created_at, expires_at, revoked_at)
       values (:tenantId, gen_random_uuid(), 'ada@example.com', 'Ada', 'agent', :hash, :userId,
         now() - :age::interval, now() - :age::interval, now())`,
      { tenantId, userId: toUuid(userId), hash, age },
    );
  }
  await purgeExpired(database.knex);
  expect(await database.knex('invite').pluck('token_hash')).toEqual(['young']);
  expect(await database.knex('password_reset').pluck('token_hash')).toEqual(['young']);
  expect(await database.knex('auth_session').pluck('token_hash')).toEqual(['young']);
});
