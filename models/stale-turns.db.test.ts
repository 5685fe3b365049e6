import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid, type SessionId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT } from '../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';
import { findStaleTurns } from './stale-turns.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const sessionRow = (sessionId: SessionId) => database.knex('chat_session').where({ id: toUuid(sessionId) });
const turnRow = (turnId: string) => database.knex('turn').where({ id: toUuid(turnId as `trn_${string}`) });

async function staleOf(sessionId: SessionId) {
  const stale = await findStaleTurns(database.knex, { limit: 100 });
  return stale.filter((turn) => turn.sessionId === sessionId);
}

test('an accepted turn is found whoever owns its session, and with the owner', async () => {
  const tenant = await buildChattingTenant(database.knex, 'owned');
  const { sessionId, turnId } = await tenant.say('Hello?', null);
  expect(await staleOf(sessionId)).toMatchObject([{ turnId, channel: 'public', owner: 'ai' }]);
  await sessionRow(sessionId).update({ owner: 'human' });
  expect(await staleOf(sessionId)).toMatchObject([{ turnId, owner: 'human' }]);
});

test('a closed session’s open turn is found as well: it has to end', async () => {
  const tenant = await buildChattingTenant(database.knex, 'closed');
  const { sessionId, turnId } = await tenant.say('Anybody?', null);
  await sessionRow(sessionId).update({ state: 'closed', closed_at: CHATTING_AT });
  expect(await staleOf(sessionId)).toMatchObject([{ turnId }]);
});

test('a turn that hangs on a hand-back is found like any other', async () => {
  const tenant = await buildChattingTenant(database.knex, 'returned');
  const { sessionId, turnId } = await tenant.say('And me?', null);
  await turnRow(turnId).update({ answers_seq: 1 });
  expect(await staleOf(sessionId)).toMatchObject([{ turnId }]);
});

test('a turn somebody works on is left alone, and those behind it with it, until the lease is over', async () => {
  const tenant = await buildChattingTenant(database.knex, 'leased');
  const first = await tenant.say('One', null);
  const second = await tenant.say('Two', first.sessionId);
  const lease = (until: string) => ({ state: 'open', lease_until: database.knex.raw(`now() + interval '${until}'`) });
  await turnRow(first.turnId).update(lease('1 minute'));
  expect(await staleOf(first.sessionId)).toEqual([]);
  await turnRow(first.turnId).update(lease('-1 second'));
  expect((await staleOf(first.sessionId)).map(({ turnId }) => turnId)).toEqual([first.turnId, second.turnId]);
});
