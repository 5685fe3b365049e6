import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { PlatformTenantList } from '#contract/admin.ts';
import { CreatedApiKey } from '#contract/keys.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, logIn, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { callerWith, problemOf, type Call } from '../fixtures/signed-in-caller.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

const PAUSED = 'This chat is not available at the moment. Please try again later.';
const PAUSED_IN_SPANISH = 'Este chat no está disponible en este momento. Inténtelo de nuevo más tarde.';

let stub: StubModel;
let product: RunningProduct;
let operator: Call;
let owner: Call;
let demoId: string;

beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-0-0-8' } });
  const tokenOf = (account: { email: string; password: string }, path: string) =>
    logIn(product.url, { ...account, path: `${path}/login` });
  operator = callerWith(product.url, await tokenOf(ACCOUNTS.operator, '/api/auth'));
  owner = callerWith(product.url, await tokenOf(ACCOUNTS.demo, '/api/customers/auth'));
  const found = await operator('GET', '/api/admin/tenants?q=demo');
  demoId = PlatformTenantList.parse(await found.json()).data[0]?.id ?? '';
});
beforeEach(async () => {
  await setStatus('active');
  stub.reset();
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

async function setStatus(status: 'active' | 'suspended'): Promise<void> {
  const answer = await operator('PATCH', `/api/admin/tenants/${demoId}`, { status });
  expect(answer.status).toBe(200);
}

test('visitors of a suspended tenant get a polite text in their language, and nothing is charged', async () => {
  const visitor = visitorOf(product, 'demo');
  expect((await visitor.say('How much is the Pro plan?')).body.outcome).toBe('answered');
  stub.reset();
  await setStatus('suspended');
  const { status, body } = await visitor.say('And the Enterprise plan, how much is that one?');
  expect([status, body.outcome, body.reply]).toEqual([200, 'blocked', PAUSED]);
  const inSpanish = await visitorOf(product, 'demo').say('Hola, ¿cuánto cuesta el plan profesional cada mes?');
  expect([inSpanish.body.outcome, inSpanish.body.reply]).toEqual(['blocked', PAUSED_IN_SPANISH]);
  expect(await turnRecord(product.knex, body.turn_id ?? '')).toMatchObject({
    outcome: 'blocked',
    holds: ['released'],
    lines: [],
    calls: [],
    replies: 1,
    receipts: 1,
  });
  expect(stub.stats().calls).toBe(0);

  await setStatus('active');
  expect((await visitor.say('Are you back, and what is the price?')).body.outcome).toBe('answered');
});

test('an answer under way is finished, and charged', async () => {
  const answering = visitorOf(product, 'demo').say('Tell me slowly !!drip');
  await vi.waitFor(() => expect(stub.stats().calls).toBe(1), { timeout: 10_000 });
  await setStatus('suspended');
  const { body } = await answering;
  expect(body.outcome).toBe('answered');
  expect((await turnRecord(product.knex, body.turn_id ?? '')).holds).toEqual(['settled']);
});

test('the team and its keys read on, and change nothing', async () => {
  const made = await owner('POST', '/api/keys', { name: 'Robot', scopes: ['chat.manage', 'usage.read'] });
  const robot = callerWith(product.url, CreatedApiKey.parse(await made.json()).secret);
  expect((await robot('POST', '/api/chat/message', { message: 'Hello', session_id: 'of-robot' })).status).toBe(200);
  await setStatus('suspended');
  for (const caller of [owner, robot]) {
    expect((await caller('GET', '/api/usage/balance')).status).toBe(200);
    const chat = await caller('POST', '/api/chat/message', { message: 'Hello', session_id: 'of-robot' });
    expect(await problemOf(chat)).toBe('403 tenant-suspended');
  }
  expect((await callChat(product.url, { body: { message: 'Hi there, Bob', session_id: 'of-operator' } })).status).toBe(
    200,
  );
});
