import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { answersOf, callDocumented } from '../fixtures/documented-calls.ts';
import { openMailbox, type Mailbox } from '../fixtures/mailbox.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { startTestApi } from '../fixtures/start-test-api.ts';
import { callAsProgram, embed, visit } from '../fixtures/walks/converse.ts';
import { operate, readPublicly } from '../fixtures/walks/operate.ts';
import { runTeam, signIn } from '../fixtures/walks/people.ts';
import { subscribe, supervise, writePersonas } from '../fixtures/walks/supervise.ts';
import type { Walk } from '../fixtures/walks/walk.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';

let model: OfflineModel;
let product: RunningProduct;
let mailbox: Mailbox;
let receiver: WebhookReceiver;
let walk: Walk;
const seen = new Set<string>();
const call = callDocumented(() => product.url, seen);

beforeAll(async () => {
  model = await startOfflineModel();
  mailbox = await openMailbox();
  receiver = await startWebhookReceiver();
  const env = { BOB_DATA_DIR: mailbox.dataDir };
  product = await startProduct({ model: { url: model.url, name: MODEL_NAME }, env });
  const owner = await call('logInCustomer', { body: ACCOUNTS.demo });
  const operator = await call('logInOperator', { body: ACCOUNTS.operator });
  walk = {
    call,
    mailbox,
    owner: String(owner.body['token']),
    operator: String(operator.body['token']),
    tenantId: (owner.body['tenant'] as { id: string }).id,
    receiverUrl: receiver.url,
  };
});
afterAll(async () => {
  await product.close();
  await receiver.close();
  await model.stop();
  await mailbox.remove();
});

describe('what the document says is what is answered', () => {
  test.each([
    ['a visitor of a page of ours', visit],
    ['a visitor of another page, and that page', embed],
    ['a program that signs in', callAsProgram],
    ['a person who supervises', supervise],
    ['a program that listens', subscribe],
    ['an author of personas', writePersonas],
    ['people who sign up, in and out', signIn],
    ['an owner with a team', runTeam],
    ['an operator', operate],
    ['anybody who reads', readPublicly],
  ])('to %s', (_, run) => run(walk));

  test('to a monitor, when Temporal is away', async () => {
    const alone = await startTestApi(product.knex);
    const ask = callDocumented(() => alone.url, seen);
    const answers = [await ask('getHealth'), await ask('getReadiness')];
    await alone.close();
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  });
});

/** Last, for it looks back: a new route belongs into one of the walks above. */
describe('no documented answer was left out', () => {
  test.each(ROUTES.flatMap(answersOf))('%s', (name) => {
    expect([...seen]).toContain(name);
  });
});
