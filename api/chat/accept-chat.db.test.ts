import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { toUuid, type TurnId } from '#domain/ids.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';

import { callChat, type ChatReply } from '../../test/fixtures/chat-caller.ts';
import { buildChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { streamChat } from '../../test/fixtures/sse-reader.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const LIMIT = firstOperatorPolicy({ rateFactor: 1 }).turnsInFlightPerTenant;
const AT_A_TIME = 20;
const AT = new Date('2026-03-10');

let database: FreshDatabase;
let api: TestApi;
beforeAll(async () => {
  database = await freshDatabase();
  for (const business of ['flooding', 'quiet']) await buildChattingTenant(database.knex, business);
  api = await startTestApi(database.knex);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** A first message of a new visitor, who does not wait: nobody answers here. */
function ask(business: string, key: string = randomUUID()) {
  const body = { session_id: key, message: 'Hello', business_id: business };
  return { body, headers: { prefer: 'respond-async', 'idempotency-key': key } };
}

it(`of one tenant ${LIMIT} messages wait for their answers at a time: the next is told to come again`, async () => {
  const first = ask('flooding');
  const accepted: ChatReply[] = [await callChat(api.url, first)];
  async function askOnce(): Promise<void> {
    const reply = await callChat(api.url, ask('flooding'));
    // Counted beside the requests, and never twice: as long as there is room nobody is refused.
    expect(reply.status).toBe(202);
    accepted.push(reply);
  }
  while (accepted.length < LIMIT) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, LIMIT - accepted.length) }, askOnce));
  }

  const refused = await callChat(api.url, ask('flooding'));
  expect([refused.status, refused.body.type]).toEqual([429, '/problems/rate-limited']);
  expect(refused.headers.get('retry-after')).toBe('1');
  const { body, headers } = ask('flooding');
  const stream = await streamChat(api.url, { body, headers });
  // Refused before anything is told: a stream that is not one.
  expect([stream.status, stream.headers.get('content-type')]).toEqual([429, expect.stringContaining('problem+json')]);
  // Whose message is accepted already comes back to it, and nobody else pays for the flood.
  const again = await callChat(api.url, first);
  expect([again.status, again.body.turn_id]).toEqual([202, accepted[0]?.body.turn_id]);
  expect((await callChat(api.url, ask('quiet'))).status).toBe(202);

  const ended = accepted.map(({ body: told }) => toUuid(told.turn_id as TurnId));
  await database.knex('turn').whereIn('id', ended).update({ state: 'closed', outcome: 'failed', closed_at: AT });
  await expect.poll(async () => (await callChat(api.url, ask('flooding'))).status).toBe(202);
});
