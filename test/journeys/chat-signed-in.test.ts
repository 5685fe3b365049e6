import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, type ChatReply, logIn, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';

const REALMS = [
  ['operator', { ...ACCOUNTS.operator, path: '/api/auth/login' }],
  ['tenant', { ...ACCOUNTS.demo, path: '/api/customers/auth/login' }],
] as const;

let stub: StubModel;
let product: RunningProduct;
let bearer: { authorization: string };
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' }, line: 'apart' });
  bearer = { authorization: `Bearer ${await logIn(product.url, REALMS[1][1])}` };
});
beforeEach(() => stub.reset());
afterAll(async () => {
  await product.close();
  await stub.stop();
});

const PATH = '/api/chat/message';
/** Who waits looks at the row this often: what comes sooner came by itself. */
const LOOK_MS = 1000;
const TRIES_MAX = 30;

test.each(REALMS)('a signed-in caller of the realm %s sees charge, balance and persona', async (_realm, account) => {
  const headers = { authorization: `Bearer ${await logIn(product.url, account)}` };
  const before = await balanceOf(headers);
  const { status, body } = await callChat(product.url, { path: PATH, headers, body: messageOf('mark:one') });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    outcome: 'answered',
    reply: expect.stringContaining('seen:1 mark:one'),
    credits: { charged: expect.stringMatching(/^\d+\.\d+$/), balance_after: expect.any(String), pricebook_version: 1 },
    persona: { id: expect.stringMatching(/^per_/), version: 1 },
  });
  const { charged, balance_after: after } = body['credits'] as { charged: string; balance_after: string };
  expect(Number(charged)).toBeGreaterThan(0);
  expect(millicredits(after)).toBe(millicredits(before) - millicredits(charged));
  expect(await balanceOf(headers)).toBe(after);
});

test.each<[string, Record<string, string>]>([
  ['no credential', {}],
  ['a wrong token', { authorization: 'Bearer nonsense' }],
  ['a wrong scheme', { authorization: 'Basic YTpi' }],
])('with %s the way for visitors is named', async (_name, headers) => {
  const { status, body } = await callChat(product.url, { path: PATH, headers, body: messageOf('Hello') });
  expect([status, body.type]).toEqual([401, '/problems/unauthenticated']);
  expect(body.detail).toContain('POST /api/chat');
  expect(stub.stats().calls).toBe(0);
});

test('an account of one realm does not sign in to the other', async () => {
  const body = { email: ACCOUNTS.demo.email, password: ACCOUNTS.demo.password };
  expect((await callChat(product.url, { path: '/api/auth/login', body })).status).toBe(401);
});

test('an answer made in another process comes by the doorbell, not with the next look a second later', async () => {
  const tookMs: number[] = [];
  // One that comes sooner than a look is enough; on a busy machine it may take some more messages.
  for (let turn = 1; turn <= TRIES_MAX && Math.min(...tookMs, LOOK_MS) === LOOK_MS; turn += 1) {
    const startMs = performance.now();
    await callChat(product.url, { path: PATH, headers: bearer, body: messageOf(`mark:bell-${turn}`) });
    tookMs.push(performance.now() - startMs);
  }
  expect(Math.min(...tookMs)).toBeLessThan(LOOK_MS);
});

describe('one key is one effect (C6)', () => {
  test('the first message sent 16 times at once is one turn, one charge and 16 equal answers', async () => {
    const body = messageOf('mark:sixteen');
    await expectOneEffect(await sixteenTimes(body), 'seen:1 mark:sixteen');
  });

  test('so is a later message', async () => {
    const body = messageOf('mark:first');
    await callChat(product.url, { path: PATH, headers: bearer, body });
    stub.reset();
    await expectOneEffect(await sixteenTimes({ ...body, message: 'mark:later' }), 'seen:2 mark:later');
  });

  test('so is the first message of a visitor', async () => {
    const visitor = visitorOf(product, 'demo');
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 16 }, () => visitor.say('mark:visitor', headers)));
    await expectOneEffect(answers, 'seen:1 mark:visitor');
  });

  test('a finished one is told again at once, without the model', async () => {
    const call = { path: PATH, body: messageOf('mark:again'), headers: { ...bearer, 'idempotency-key': randomUUID() } };
    const first = await callChat(product.url, call);
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    const tookMs: number[] = [];
    for (let again = 1; again <= 3 || (again <= TRIES_MAX && Math.min(...tookMs) >= LOOK_MS); again += 1) {
      const startMs = performance.now();
      const second = await callChat(product.url, call);
      tookMs.push(performance.now() - startMs);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect([second.status, second.body]).toEqual([200, first.body]);
    }
    expect(Math.min(...tookMs)).toBeLessThan(LOOK_MS);
    const third = await callChat(product.url, { ...call, headers: { ...call.headers, prefer: 'respond-async' } });
    expect([third.status, third.body]).toEqual([200, first.body]);
    expect(stub.stats().calls).toBe(1);
  });

  test('with another body it is a mismatch, whether the first one runs or is done', async () => {
    const body = messageOf('mark:body');
    const headers = { ...bearer, 'idempotency-key': randomUUID() };
    const async = { ...headers, prefer: 'respond-async' };
    expect((await callChat(product.url, { path: PATH, body, headers: async })).status).toBe(202);
    const other = { path: PATH, body: { ...body, message: 'mark:other' }, headers };
    const running = await callChat(product.url, other);
    await callChat(product.url, { path: PATH, body, headers });
    const done = await callChat(product.url, other);
    for (const { status, body: problem } of [running, done]) {
      expect([status, problem.type]).toEqual([422, '/problems/idempotency-mismatch']);
    }
    expect(stub.stats().calls).toBe(1);
  });
});

function messageOf(message: string) {
  return { session_id: randomUUID(), message };
}

function sixteenTimes(body: object): Promise<ChatReply[]> {
  const headers = { ...bearer, 'idempotency-key': randomUUID() };
  return Promise.all(Array.from({ length: 16 }, () => callChat(product.url, { path: PATH, body, headers })));
}

async function expectOneEffect(answers: ChatReply[], reply: string): Promise<void> {
  const [first] = answers;
  expect(first?.body.reply).toContain(reply);
  expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
    answers.map(() => ({ status: 200, body: first?.body })),
  );
  expect(answers.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
  expect(stub.stats().calls).toBe(1);
  const record = await turnRecord(product.knex, first?.body.turn_id ?? '');
  expect(record).toMatchObject({ state: 'closed', outcome: 'answered', holds: ['settled'], replies: 1, receipts: 1 });
  // The call, and what an answer costs at least: each once.
  expect(record.lines.map(({ kind }) => kind)).toEqual(['llm', 'minimum']);
  expect(await countOf(product.knex, 'accepted_message', { turn_id: record.turnId })).toBe(1);
}

async function balanceOf(headers: { authorization: string }): Promise<string> {
  const response = await fetch(`${product.url}/api/usage/balance`, { headers });
  const body: unknown = await response.json();
  expect(body).toMatchObject({ available: expect.any(String) });
  return (body as { available: string }).available;
}

function millicredits(credits: string): number {
  return Math.round(Number(credits) * 1000);
}
