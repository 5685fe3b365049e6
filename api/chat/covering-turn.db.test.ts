import { afterAll, beforeAll, expect, it } from 'vitest';

import { toUuid, type SessionId, type TurnId } from '#domain/ids.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';

import { buildChattingTenant, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { answeredBy, coveringTurn, findAnswer } from './covering-turn.ts';

let database: FreshDatabase;
let tenant: ChattingTenant;
beforeAll(async () => {
  database = await freshDatabase();
  tenant = await buildChattingTenant(database.knex, 'covering');
});
afterAll(() => database.drop());

/** A burst of three, accepted and not answered. */
async function burst(name: string): Promise<{ sessionId: SessionId; turns: [TurnId, TurnId, TurnId] }> {
  const first = await tenant.say(`${name}-1`, null, name);
  const second = await tenant.say(`${name}-2`, first.sessionId, name);
  const third = await tenant.say(`${name}-3`, first.sessionId, name);
  return { sessionId: first.sessionId, turns: [first.turnId, second.turnId, third.turnId] };
}

async function cover(turnId: TurnId, by: TurnId): Promise<void> {
  await database
    .knex('turn')
    .where({ id: toUuid(turnId) })
    .update({ state: 'closed', outcome: 'superseded', covered_by: toUuid(by), closed_at: new Date('2026-03-10') });
}

async function answer(sessionId: SessionId, turnId: TurnId, text: string): Promise<void> {
  const place = { tenant_id: tenant.tenantId, session_id: toUuid(sessionId), seq: 4 };
  await database.knex('message').insert({
    ...place,
    id: crypto.randomUUID(),
    author: 'ai',
    text,
    turn_id: toUuid(turnId),
    created_at: new Date('2026-03-10'),
  });
  await database
    .knex('turn')
    .where({ id: toUuid(turnId) })
    .update({ state: 'closed', outcome: 'answered', reply_seq: 4, charged_mc: 7, closed_at: new Date('2026-03-10') });
}

const find = (turnId: TurnId) => findAnswer(database.knex, { tenantId: tenant.tenantId, turnId });

it('a covered message is answered by the end of its chain: the outcome its own, the words the other’s', async () => {
  const { sessionId, turns } = await burst('chain');
  const [first, second, third] = turns;
  await cover(first, second);
  await cover(second, third);
  expect(await find(first)).toBeNull();
  await answer(sessionId, third, 'Seen all three.');
  const told = { reply: { text: 'Seen all three.', seq: 4 }, coveredBy: third };
  expect(await find(first)).toMatchObject({ ...told, turnId: first, outcome: 'superseded', chargedMillicredits: 0n });
  expect(await find(second)).toMatchObject({ ...told, turnId: second, messageSeq: 2, outcome: 'superseded' });
  const own = { outcome: 'answered', chargedMillicredits: 7n, coveredBy: null };
  expect(await find(third)).toMatchObject({ ...own, reply: { text: 'Seen all three.' } });
});

it('a turn that is not done has no answer', async () => {
  const { turns } = await burst('open');
  expect(await find(turns[0])).toBeNull();
});

it('only a superseded turn leads to another one', async () => {
  const { sessionId, turns } = await burst('alone');
  await answer(sessionId, turns[2], 'Alone.');
  const found = await readTurnAnswer(database.knex, { tenantId: tenant.tenantId, turnId: turns[2] });
  if (found === null) throw new Error('the turn has no answer');
  expect(coveringTurn(found)).toBeNull();
  expect(coveringTurn({ ...found, coveredBy: turns[1] })).toBeNull();
  expect(coveringTurn({ ...found, outcome: 'superseded' })).toBeNull();
  expect(answeredBy(found, found)).toBe(found);
});
