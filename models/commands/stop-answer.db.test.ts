import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid, type TurnId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { stopAnswer } from './stop-answer.ts';

const SOON = new Date(CHATTING_AT.getTime() + 500);
const LATER = new Date(CHATTING_AT.getTime() + 5000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

/** A conversation with two messages, neither of them answered. */
async function arrange() {
  count += 1;
  const tenant = await buildChattingTenant(knex, `stop-${count}`);
  const { sessionId, turnId: first } = await tenant.say('one', null);
  const { turnId: second } = await tenant.say('two', sessionId);
  return { ref: { tenantId: tenant.tenantId, sessionId }, first, second };
}

async function stoppedAt(turnId: TurnId): Promise<Date | null> {
  const [turn] = await knex<{ id: string; stop_at: Date | null }>('turn')
    .where({ id: toUuid(turnId) })
    .select('stop_at');
  return turn?.stop_at ?? null;
}

async function close(turnId: TurnId): Promise<void> {
  await knex('turn')
    .where({ id: toUuid(turnId) })
    .update({ state: 'closed', outcome: 'answered', closed_at: SOON });
}

test('a stop ends the oldest turn without an outcome, and a second stop finds the first', async () => {
  const { ref, first, second } = await arrange();
  expect(await stopAnswer(knex, ref, SOON)).toBe(first);
  expect(await stopAnswer(knex, ref, LATER)).toBe(first);
  expect([await stoppedAt(first), await stoppedAt(second)]).toEqual([SOON, null]);
});

test('an answer that is there already is not stopped, and with nothing running nothing is', async () => {
  const { ref, first, second } = await arrange();
  await close(first);
  expect(await stopAnswer(knex, ref, SOON)).toBe(second);
  await close(second);
  expect(await stopAnswer(knex, ref, SOON)).toBeNull();
  expect(await stoppedAt(first)).toBeNull();
});

test('a stop that waits while its turn closes has stopped nothing', async () => {
  const { ref, first, second } = await arrange();
  const closing = await knex.transaction();
  await closing('turn')
    .where({ id: toUuid(first) })
    .update({ state: 'closed', outcome: 'answered', closed_at: SOON });
  const stopping = stopAnswer(knex, ref, SOON);
  await expect.poll(() => waitingForLock()).toBe(1);
  await closing.commit();
  expect(await stopping).toBeNull();
  expect([await stoppedAt(first), await stoppedAt(second)]).toEqual([null, null]);
});

async function waitingForLock(): Promise<number> {
  const { rows } = await knex.raw<{ rows: { waiting: number }[] }>(
    `select count(*)::integer as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
}

test('no other tenant can stop it', async () => {
  const { ref } = await arrange();
  const other = await arrange();
  expect(await stopAnswer(knex, { ...ref, tenantId: other.ref.tenantId }, SOON)).toBeNull();
});
