import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TenantId } from '#domain/ids.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { visitorOf } from '../fixtures/chat-caller.ts';
import { policyWith, publishOperatorPolicy } from '../fixtures/operator-policy.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { countOf } from '../fixtures/turn-record.ts';

let stub: StubModel;
let product: RunningProduct;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-0-0-8' } });
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

const ALLOWED = 3;

test('a running server takes the operator’s new figures, and what it refuses leaves nothing behind', async () => {
  const before = visitorOf(product);
  for (let n = 0; n <= ALLOWED; n += 1) expect((await before.say(`mark:before-${n}`)).status).toBe(200);

  const [operator] = await product.knex('tenant').where({ is_operator: true }).pluck<TenantId[]>('id');
  if (operator === undefined) throw new Error('there is no operator');
  await publishOperatorPolicy(product.knex, operator, policyWith({ chatPerSessionMinute: ALLOWED }));
  const patience = { timeout: 20_000, interval: 500 };
  await expect.poll(async () => (await before.say('mark:too-many')).status, patience).toBe(429);

  const visitor = visitorOf(product);
  const calls = stub.stats().calls;
  const accepted = await countOf(product.knex, 'accepted_message', {});
  const answers = [];
  for (let n = 0; n < ALLOWED + 2; n += 1) answers.push(await visitor.say(`mark:after-${n}`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
  expect(answers.at(-1)?.body).toMatchObject({ type: '/problems/rate-limited', limit: 'chat-session' });
  expect(answers.at(-1)?.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answers[0]?.headers.get('ratelimit-policy')).toContain(`"chat-session";q=${ALLOWED};w=60`);
  expect(await countOf(product.knex, 'accepted_message', {})).toBe(accepted + ALLOWED);
  expect(stub.stats().calls).toBe(calls + ALLOWED);
  // Others are not kept waiting.
  expect((await visitorOf(product).say('mark:another')).status).toBe(200);
});
