import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, type ChatReply, logIn, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

const FIXED_TEXT = 'I cannot answer right now. Please leave your message here and a person will get back to you.';
const FIXED_TEXT_IN_SPANISH =
  'Ahora mismo no puedo responder. Deje aquí su mensaje y una persona se pondrá en contacto con usted.';

let stub: StubModel;
let product: RunningProduct;
let headers: { authorization: string };
beforeAll(async () => {
  stub = await startStubModel();
  // Credits are taken away here without a ledger row, so these books must not be checked.
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' }, keep: false });
  const account = { ...ACCOUNTS.demo, path: '/api/customers/auth/login' };
  headers = { authorization: `Bearer ${await logIn(product.url, account)}` };
});
beforeEach(() => stub.reset());
afterAll(async () => {
  await product.close();
  await stub.stop();
});

test('twenty turns at once on the last credits never spend more than there is', async () => {
  const costMillicredits = await holdOfOneTurn();
  await leave(3n * costMillicredits);
  stub.reset();
  const answers = await Promise.all(
    // Slow answers: none of them gives its credits back before the last one has asked for some.
    Array.from({ length: 20 }, (_, turn) => visitorOf(product, 'demo').say(`mark:${turn} !!drip`)),
  );
  const outcomes = answers.map(({ body }) => body.outcome);
  const answered = outcomes.filter((outcome) => outcome === 'answered').length;
  expect(new Set(outcomes)).toEqual(new Set(['answered', 'credit_stopped']));
  expect(answered).toBeGreaterThanOrEqual(1);
  expect(stub.stats().calls).toBe(answered);
  await sealed();
});

test('without credits a visitor gets a fixed text without amounts, in the language of the visit', async () => {
  await leave(0n);
  const { status, body } = await visitorOf(product, 'demo').say('How much is the Pro plan?');
  expect([status, body.outcome, body.reply]).toEqual([200, 'credit_stopped', FIXED_TEXT]);
  expect(JSON.stringify(body)).not.toMatch(/credits|available|balance|plan/);
  const inSpanish = await visitorOf(product, 'demo').say('Hola, ¿cuánto cuesta el plan profesional cada mes?');
  expect(inSpanish.body.reply).toBe(FIXED_TEXT_IN_SPANISH);
  expect(await turnRecord(product.knex, body.turn_id ?? '')).toMatchObject({
    outcome: 'credit_stopped',
    // Closed before it was ever placed, so that no late try can place it.
    holds: ['released'],
    lines: [],
    calls: [],
    replies: 1,
    receipts: 1,
  });
  expect(stub.stats().calls).toBe(0);
});

test('without credits a signed-in caller gets 402, and again with the same key', async () => {
  await leave(0n);
  const key = randomUUID();
  const body = { session_id: randomUUID(), message: 'Hello' };
  const send = (): Promise<ChatReply> =>
    callChat(product.url, { path: '/api/chat/message', body, headers: { ...headers, 'idempotency-key': key } });
  for (const refused of [await send(), await send()]) {
    expect(refused.status).toBe(402);
    expect(refused.body).toMatchObject({
      type: '/problems/credits-exhausted',
      outcome: 'credit_stopped',
      available: expect.stringMatching(/^0/),
      resets_at: expect.stringMatching(/Z$/),
    });
  }
  expect(stub.stats().calls).toBe(0);
});

test('the operator’s credits are untouched by that', async () => {
  await leave(0n);
  expect((await visitorOf(product).say('mark:operator')).body.outcome).toBe('answered');
});

/** What one turn of these tests wants held, read off a turn that had enough. */
async function holdOfOneTurn(): Promise<bigint> {
  const { body } = await visitorOf(product, 'demo').say('mark:00');
  const { turnId } = await turnRecord(product.knex, body.turn_id ?? '');
  const hold = await product
    .knex('credit_hold')
    .where({ turn_id: turnId })
    .first<{ reserved_mc: string }>('reserved_mc');
  return BigInt(hold.reserved_mc);
}

/** The demo tenant has spent all but this much. */
async function leave(millicredits: bigint): Promise<void> {
  await sealed();
  await product.knex.raw(
    `update credit_grant set spent_mc = greatest(spent_mc, amount_mc - ?::bigint)
     from tenant where tenant.id = credit_grant.tenant_id and tenant.business_id = 'demo'`,
    [millicredits.toString()],
  );
}

/** Nothing is held any more, what was used is spent, and it is no more than there was. */
async function sealed(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await product.knex.raw<{ rows: { held_mc: string; is_over: boolean }[] }>(
        `select credit_grant.held_mc, credit_grant.spent_mc > credit_grant.amount_mc as is_over
         from credit_grant join tenant on tenant.id = credit_grant.tenant_id where tenant.business_id = 'demo'`,
      );
      expect(rows).toEqual([{ held_mc: '0', is_over: false }]);
    },
    { timeout: 10_000, interval: 50 },
  );
}
