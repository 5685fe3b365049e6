import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { callChat, visitorOf } from '../fixtures/chat-caller.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

let model: OfflineModel;
let product: RunningProduct;
beforeAll(async () => {
  model = await startOfflineModel();
  product = await startProduct({ model: { url: model.url, name: MODEL_NAME } });
});
afterAll(async () => {
  await product.close();
  await model.stop();
});

const QUESTION = { message: 'What does the Pro plan cost?', business_id: 'office16852-platform' };
const PROBLEM_TYPE = 'application/problem+json';

test('the first question has a sourced answer, the disclosure, a session token and its timings', async () => {
  const { status, headers, body } = await callChat(product.url, { body: { session_id: 'session_123', ...QUESTION } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    session_id: 'session_123',
    turn_id: expect.stringMatching(/^trn_/),
    message_id: expect.stringMatching(/^msg_/),
    seq: 2,
    reply: expect.stringContaining('249 USD'),
    outcome: 'answered',
    author: { type: 'ai', name: 'Bob', ai_generated: true },
    citations: [{ index: 1, source_id: expect.stringMatching(/^src_/), title: expect.stringContaining('Pro plan') }],
    owner: 'ai',
    disclosure: {
      version: 1,
      text: 'You are chatting with Bob, an AI assistant. You can ask for a person at any time.',
    },
    session_token: expect.stringMatching(/^test\.[\w-]+$/),
  });
  expect(body).not.toHaveProperty('credits');
  expect(body).not.toHaveProperty('persona');
  const timings = headers.get('server-timing') ?? '';
  for (const name of ['accept', 'queue', 'model', 'commit']) expect(timings).toMatch(new RegExp(`\\b${name};dur=\\d`));
  expect(headers.get('cache-control')).toContain('no-store');
});

describe('a conversation goes on', () => {
  test('with the session token of its first answer', async () => {
    const first = await callChat(product.url, { body: { session_id: 'by-token', ...QUESTION } });
    const second = await callChat(product.url, {
      body: { session_id: 'by-token', ...QUESTION, message: 'And the Starter plan?' },
      headers: { 'x-session-token': String(first.body.session_token) },
    });
    expect([second.status, second.body.seq]).toEqual([200, 4]);
    expect(second.body.reply).toContain('79 USD');
    expect(second.body).not.toHaveProperty('session_token');
    expect(second.body).not.toHaveProperty('disclosure');
  });

  test('with the cookie of the browser that began it', async () => {
    const first = await callChat(product.url, { body: { session_id: 'by-cookie', ...QUESTION } });
    expect(first.headers.get('set-cookie')).toMatch(/httponly/i);
    const body = { session_id: 'by-cookie', ...QUESTION };
    const second = await callChat(product.url, { body, headers: { cookie: first.cookie } });
    expect([second.status, second.body.seq]).toEqual([200, 4]);
  });

  test.each([
    ['no proof', (): Record<string, string> => ({})],
    ['a forged token', () => ({ 'x-session-token': `test.${Buffer.alloc(32).toString('base64url')}` })],
    ['a token without a key', () => ({ 'x-session-token': 'nonsense' })],
    ['the cookie of another browser', () => ({ cookie: 'bob_visitor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
  ])('but not with %s', async (name, headers) => {
    const body = { session_id: `refused ${name}`, ...QUESTION };
    await callChat(product.url, { body });
    const second = await callChat(product.url, { body, headers: headers() });
    expect([second.status, second.body.type]).toEqual([409, '/problems/session-proof-required']);
    expect(second.headers.get('content-type')).toBe(PROBLEM_TYPE);
  });

  test('but not with the token of another conversation', async () => {
    const other = await callChat(product.url, { body: { session_id: 'other', ...QUESTION } });
    const body = { session_id: 'mine', ...QUESTION };
    await callChat(product.url, { body });
    const headers = { 'x-session-token': String(other.body.session_token) };
    expect((await callChat(product.url, { body, headers })).status).toBe(409);
  });
});

test('a caller who does not want to wait gets 202, and the answer with the same key later', async () => {
  const call = { body: { session_id: 'asynchronous', ...QUESTION }, headers: { 'idempotency-key': 'later-1' } };
  const accepted = await callChat(product.url, { ...call, headers: { ...call.headers, prefer: 'respond-async' } });
  expect(accepted.status).toBe(202);
  expect(accepted.body).toMatchObject({ status: 'accepted', session_token: expect.any(String) });
  const answered = await callChat(product.url, call);
  expect([answered.status, answered.body.outcome]).toEqual([200, 'answered']);
  expect(answered.body.turn_id).toBe(accepted.body.turn_id);
  expect(answered.headers.get('idempotency-replayed')).toBe('true');
});

describe('nobody else is answered', () => {
  test.each(['https://evil.example', 'null', 'http://127.0.0.1', 'http://127.0.0.1.evil.example'])(
    'a page of %s gets 403',
    async (origin) => {
      const refused = await callChat(product.url, { body: { session_id: 'x', ...QUESTION }, headers: { origin } });
      expect([refused.status, refused.body.type]).toEqual([403, '/problems/origin-not-allowed']);
    },
  );

  test('a page of our own is answered', async () => {
    const headers = { origin: product.url };
    expect((await callChat(product.url, { body: { session_id: 'own', ...QUESTION }, headers })).status).toBe(200);
  });

  test('a business that does not exist is not found', async () => {
    const refused = await callChat(product.url, { body: { session_id: 'x', message: 'Hello', business_id: 'nobody' } });
    expect([refused.status, refused.body.type]).toEqual([404, '/problems/business-not-found']);
  });
});

test('one session_id is as many conversations as there are businesses', async () => {
  const session = { session_id: 'shared-name', message: 'What does the Pro plan cost?' };
  for (const business of ['office16852-platform', 'demo']) {
    const { status, body } = await callChat(product.url, { body: { ...session, business_id: business } });
    expect([status, body.seq]).toEqual([200, 2]);
  }
});

test('without a business the operator answers', async () => {
  const { status, body } = await callChat(product.url, { body: { session_id: 'nobody named', message: 'Hello' } });
  expect([status, body.outcome]).toEqual([200, 'answered']);
});

test('a business that closed its public chat is not found', async () => {
  await product.knex('tenant').where({ business_id: 'demo' }).update({ public_chat: false });
  const refused = await visitorOf(product, 'demo').say('Hello');
  await product.knex('tenant').where({ business_id: 'demo' }).update({ public_chat: true });
  expect([refused.status, refused.body.type]).toEqual([404, '/problems/business-not-found']);
});

test('a closed conversation takes no message, names a new one, and still tells its answers', async () => {
  const visitor = visitorOf(product);
  const key = { 'idempotency-key': 'kept' };
  const answered = await visitor.say('What does the Pro plan cost?', key);
  const { sessionId } = await turnRecord(product.knex, answered.body.turn_id ?? '');
  await product.knex('chat_session').where({ id: sessionId }).update({ state: 'closed' });
  const refused = await visitor.say('And the Starter plan?');
  expect([refused.status, refused.body.type]).toEqual([410, '/problems/session-closed']);
  expect(refused.body['new_session_id']).toMatch(/^[\w-]{22,}$/);
  expect((await visitor.say('What does the Pro plan cost?', key)).body).toEqual(answered.body);
});

const LONG = 'ü'.repeat(4001);
test.each<[string, object | string, number]>([
  ['an unknown field', { session_id: 'x', ...QUESTION, tenant_id: 'mine' }, 422],
  ['an empty message', { session_id: 'x', message: '' }, 422],
  ['a message of blanks', { session_id: 'x', message: ' \n\t' }, 422],
  ['4,001 characters', { session_id: 'x', message: LONG }, 422],
  ['no message', { session_id: 'x' }, 422],
  ['no session_id', { message: 'Hello' }, 422],
  ['an empty session_id', { session_id: '', message: 'Hello' }, 422],
  ['a session_id of 129 characters', { session_id: 'x'.repeat(129), message: 'Hello' }, 422],
  ['a number as message', { session_id: 'x', message: 7 }, 422],
  ['null as message', { session_id: 'x', message: null }, 422],
  ['a NUL character in the message', { session_id: 'x', message: 'a\u0000b' }, 422],
  ['half of a surrogate pair', { session_id: 'x', message: 'a \ud800 b' }, 422],
  ['a NUL character in the business', { session_id: 'x', message: 'Hello', business_id: 'a\u0000b' }, 422],
  ['a list', [], 422],
  ['malformed JSON', '{"session_id": "x", ', 400],
  ['a bare text', '"hello"', 400],
  ['a key twice', '{"session_id":"x","message":"a","message":"b"}', 400],
  ['64 KiB', { session_id: 'x', message: 'a'.repeat(70_000) }, 413],
])('%s is a problem of the caller, told as one', async (_name, body, status) => {
  const refused = await callChat(product.url, { body });
  expect([refused.status, refused.headers.get('content-type')]).toEqual([status, PROBLEM_TYPE]);
  expect(refused.body).toMatchObject({
    type: expect.stringMatching(/^\/problems\//),
    status,
    request_id: expect.any(String),
  });
});

test('another media type than JSON is a problem of the caller', async () => {
  const headers = { 'content-type': 'text/plain' };
  const refused = await callChat(product.url, { body: JSON.stringify({ session_id: 'x', ...QUESTION }), headers });
  expect([refused.status, refused.body.type]).toEqual([415, '/problems/unsupported-media-type']);
});

test.each(['two words', 'é', 'x'.repeat(129)])('an Idempotency-Key like %j is refused', async (key) => {
  const headers = { 'idempotency-key': key };
  const refused = await callChat(product.url, { body: { session_id: 'x', ...QUESTION }, headers });
  expect([refused.status, refused.body.type]).toEqual([400, '/problems/invalid-header']);
});

test.each(['a'.repeat(4000), '’"; drop table message; --', '🙂'.repeat(1000)])(
  'an odd message is answered like any other (%#)',
  async (message) => {
    const answer = await visitorOf(product).say(message);
    expect(answer.status).toBe(200);
    expect(answer.body.reply).toEqual(expect.any(String));
  },
);
