import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { openAnswerLine } from '../../bin/answer-line.ts';
import { startApi } from '../../bin/start-api.ts';
import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, visitorOf } from '../fixtures/chat-caller.ts';
import { publishPersona } from '../fixtures/publish-persona.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';

let stub: StubModel;
let product: RunningProduct;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-400-0-8' }, line: 'apart' });
  // Each message is answered by itself here; what a burst makes of them has tests of its own.
  await publishPersona(product.knex, 'office16852-platform', (snapshot) => ({
    ...snapshot,
    session: { ...snapshot.session, burst: 'queue' },
  }));
});
beforeEach(() => stub.reset());
afterAll(async () => {
  await product.close();
  await stub.stop();
});

const ANSWERED = {
  state: 'closed',
  outcome: 'answered',
  holds: ['settled'],
  replies: 1,
  receipts: 1,
  calls: ['delivered'],
};

test('what is accepted while no worker is there is answered when one comes', async () => {
  await product.stopWorker();
  const visitor = visitorOf(product);
  const key = { 'idempotency-key': randomUUID() };
  const accepted = await visitor.say('mark:patient', { ...key, prefer: 'respond-async' });
  expect([accepted.status, accepted.body.status]).toEqual([202, 'accepted']);
  // Whoever asks again with the same key before that attaches to the same turn.
  const waiting = visitor.say('mark:patient', key);
  await product.startWorker();
  const answered = await waiting;
  expect([answered.status, answered.body.turn_id]).toEqual([200, accepted.body.turn_id]);
  expect(answered.body.reply).toContain('seen:1 mark:patient');
  expect(await turnRecord(product.knex, answered.body.turn_id ?? '')).toMatchObject(ANSWERED);
  expect(stub.stats().calls).toBe(1);
});

test('what could not be handed to Temporal is found by the sweeper, and its caller still gets the answer', async () => {
  const api = await startApi({ ...product.env, TEMPORAL_ADDRESS: '127.0.0.1:1' }, { line: openAnswerLine() });
  const answered = await visitorOf(api).say('mark:swept');
  await api.stop();
  expect([answered.status, answered.body.outcome]).toEqual([200, 'answered']);
  expect(await turnRecord(product.knex, answered.body.turn_id ?? '')).toMatchObject(ANSWERED);
  expect(stub.stats().calls).toBe(1);
});

test('a conversation goes on after API and worker were started again', async () => {
  const session = { session_id: 'a plain name', business_id: 'demo' };
  const first = await callChat(product.url, { body: { ...session, message: 'mark:before' } });
  await product.stopApi();
  await product.stopWorker();
  await product.startWorker();
  await product.startApi();
  const headers = { 'x-session-token': String(first.body.session_token) };
  const second = await callChat(product.url, { body: { ...session, message: 'mark:after' }, headers });
  expect([second.status, second.body.seq]).toEqual([200, 4]);
  expect(second.body.reply).toContain('seen:2 mark:after');
});

test('a worker that is told to stop finishes the turn it is in, and an API its answer', async () => {
  const visitor = visitorOf(product);
  const waiting = visitor.say('mark:last-words');
  await expect.poll(() => stub.stats().calls).toBe(1);
  await Promise.all([product.stopWorker(), product.stopApi()]);
  const answered = await waiting;
  expect([answered.status, answered.body.outcome]).toEqual([200, 'answered']);
  await product.startWorker();
  await product.startApi();
  expect((await visitor.say('mark:next')).body.reply).toContain('seen:2 mark:next');
  expect(stub.stats().calls).toBe(2);
});

test('messages sent at once are answered in the order of acceptance, each with all before it', async () => {
  const visitor = visitorOf(product);
  await visitor.say('mark:0');
  const answers = await Promise.all([1, 2, 3, 4].map((turn) => visitor.say(`mark:${turn}`)));
  const replies = answers.map(({ body }) => body).toSorted((left, right) => (left.seq ?? 0) - (right.seq ?? 0));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(replies.map(({ reply }) => /seen:\d+/.exec(reply ?? '')?.[0])).toEqual([
    'seen:2',
    'seen:3',
    'seen:4',
    'seen:5',
  ]);
  expect(stub.stats().calls).toBe(5);
  const { sessionId } = await turnRecord(product.knex, answers[0]?.body.turn_id ?? '');
  const said = await product.knex('message').where({ session_id: sessionId }).orderBy('seq').select('author', 'text');
  const marksOf = (ai: boolean): string[] =>
    said.filter(({ author }) => (author === 'ai') === ai).map(({ text }) => /mark:\d/.exec(String(text))?.[0] ?? '');
  expect(marksOf(true)).toEqual(marksOf(false));
});

test('first messages sent at once become one conversation', async () => {
  const visitor = visitorOf(product);
  const answers = await Promise.all([1, 2, 3, 4].map((turn) => visitor.say(`mark:${turn}`)));
  expect(answers.map(({ body }) => body.outcome)).toEqual(answers.map(() => 'answered'));
  const records = await Promise.all(answers.map(({ body }) => turnRecord(product.knex, body.turn_id ?? '')));
  const sessions = new Set(records.map(({ sessionId }) => sessionId));
  expect(sessions.size).toBe(1);
  const [id = ''] = sessions;
  expect(await countOf(product.knex, 'webhook_event', { session_id: id, type: 'session.created' })).toBe(1);
});

test('a conversation with five open turns takes no sixth one', async () => {
  const visitor = visitorOf(product);
  await visitor.say('mark:0');
  // Without it none of the five can end before the seventh comes.
  await product.stopWorker();
  const headers = { prefer: 'respond-async' };
  const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((turn) => visitor.say(`mark:${turn}`, headers)));
  const refused = answers.filter(({ status }) => status !== 202);
  expect(refused).toHaveLength(2);
  for (const { status, body, headers: head } of refused) {
    expect([status, body.type, head.has('retry-after')]).toEqual([429, '/problems/session-busy', true]);
  }
  await product.startWorker();
  await expect.poll(() => stub.stats(), { timeout: 30_000 }).toMatchObject({ calls: 6, runningCalls: 0 });
});
