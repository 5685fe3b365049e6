import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid, type MessageId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { appendMessage } from '../append-message.ts';
import { rateMessage, type Feedback } from './rate-message.ts';

const LATER = new Date(CHATTING_AT.getTime() + 60_000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

/** A conversation in which Bob has answered. */
async function arrange() {
  count += 1;
  const tenant = await buildChattingTenant(knex, `rated-${count}`);
  const { sessionId, turnId } = await tenant.say('one', null);
  const ref = { tenantId: tenant.tenantId, sessionId };
  const answer = await appendMessage(knex, ref, { author: 'ai', turnId, text: 'two', at: CHATTING_AT });
  const rate = (feedback: Partial<Feedback> = {}, now = CHATTING_AT) =>
    rateMessage(knex, ref, { feedback: { messageId: answer.id, rating: 'up', reason: null, ...feedback }, now });
  return { ref, rate };
}

async function recordOf({ tenantId, sessionId }: Awaited<ReturnType<typeof arrange>>['ref']) {
  const where = { tenant_id: tenantId, session_id: toUuid(sessionId) };
  const feedback = await knex('message_feedback').where(where).select('rating', 'reason', 'at');
  const told = await knex<{ body: string }>('webhook_event')
    .where(where)
    .andWhere('type', 'message.feedback_submitted')
    .orderBy('seq')
    .select('body');
  return { feedback, told: told.map(({ body }) => (JSON.parse(body) as { data: object }).data) };
}

test('a rating is kept and told; the words of its reason stay here', async () => {
  const { ref, rate } = await arrange();
  expect(await rate({ rating: 'down', reason: 'Ana was promised a refund' })).toMatchObject({
    kind: 'rated',
    isChanged: true,
    at: CHATTING_AT,
  });
  const { feedback, told } = await recordOf(ref);
  expect(feedback).toEqual([{ rating: 'down', reason: 'Ana was promised a refund', at: CHATTING_AT }]);
  expect(told).toEqual([{ message_id: expect.stringMatching(/^msg_/), rating: 'down', reason_code: 'other' }]);
});

test('a later rating replaces it, the same one again changes nothing', async () => {
  const { ref, rate } = await arrange();
  await rate({ rating: 'down', reason: 'incorrect' });
  expect(await rate({ rating: 'down', reason: 'incorrect' }, LATER)).toMatchObject({
    isChanged: false,
    at: CHATTING_AT,
  });
  expect(await rate({}, LATER)).toMatchObject({ isChanged: true, at: LATER });
  const { feedback, told } = await recordOf(ref);
  expect(feedback).toEqual([{ rating: 'up', reason: null, at: LATER }]);
  expect(told).toMatchObject([
    { rating: 'down', reason_code: 'incorrect' },
    { rating: 'up', reason_code: null },
  ]);
});

test('two who rate at once leave one rating and two events', async () => {
  const { ref, rate } = await arrange();
  const both = await Promise.all([rate({ rating: 'up' }), rate({ rating: 'down' })]);
  expect(both).toMatchObject([{ kind: 'rated' }, { kind: 'rated' }]);
  const { feedback, told } = await recordOf(ref);
  expect([feedback.length, told.length]).toEqual([1, 2]);
});

test('only an answer of Bob, in this very conversation, can be rated', async () => {
  const { ref, rate } = await arrange();
  const visitors = await knex('message')
    .where({ session_id: toUuid(ref.sessionId), seq: 1 })
    .first('id');
  const said: MessageId = `msg_${String(visitors?.id).replaceAll('-', '')}`;
  expect(await rate({ messageId: said })).toEqual({ kind: 'not-by-bob' });
  const other = await arrange();
  expect(await other.rate({ messageId: said })).toEqual({ kind: 'no-such-message' });
  expect(await rate({ messageId: `msg_${'0'.repeat(32)}` })).toEqual({ kind: 'no-such-message' });
  expect(await recordOf(ref)).toEqual({ feedback: [], told: [] });
});
