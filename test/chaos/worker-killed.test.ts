import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runLoad } from '../../bench/load.ts';
import { productTarget } from '../../bench/load/load-target.ts';
import { startBob } from '../fixtures/bob-process.ts';
import { type ArrivedEvent, type Subscription, subscribeReceiver } from '../fixtures/subscribe-receiver.ts';
import { expectDeliveredOutbox, expectLinkedReceipts, expectOneReplyEach, expectOneSum } from './expect-sound-books.ts';
import { DEMO_PASSWORD, type ProductApart, startProductApart } from './product-apart.ts';

const SESSIONS = 200;
const TURNS_EACH = 5;
const AT_A_TIME = 16;
const BOUND_MS = 120_000;

let product: ProductApart;
let subscription: Subscription;

beforeAll(async () => {
  product = await startProductApart();
  const { url: apiUrl } = product;
  subscription = await subscribeReceiver({ apiUrl, email: 'customer@business.com', password: DEMO_PASSWORD });
});
afterAll(async () => {
  await product.stop();
  await subscription.close();
});

test(
  'a worker killed in the middle of 200 conversations loses, doubles and reorders nothing',
  async () => {
    const worker = await product.startWorker();
    const loading = runLoad({
      target: productTarget({ url: product.url, businessId: 'demo' }),
      concurrency: AT_A_TIME,
      turnsPerSession: TURNS_EACH,
      sessionMax: SESSIONS,
      durationMs: BOUND_MS,
      turnMax: SESSIONS * TURNS_EACH,
      runName: 'killed',
    });
    await expect
      .poll(() => product.stub.stats().calls, { timeout: BOUND_MS, interval: 5 })
      .toBeGreaterThan((SESSIONS * TURNS_EACH) / 2);
    worker.kill('SIGKILL');
    await worker.ended;
    await sleep(1000);
    await product.startWorker();

    const load = await loading;
    const calls = product.stub.stats();
    tell(load, calls);
    expect(load).toMatchObject({ errors: [], errorCount: 0, turns: SESSIONS * TURNS_EACH });
    // Asked twice is only what was on its way when the worker died.
    expect(calls.repeatedMessages).toBeLessThanOrEqual(AT_A_TIME);

    await expectOneReplyEach(product.knex, { sessions: SESSIONS, turnsEach: TURNS_EACH });
    expect(await expectOneSum(product.knex)).toBeGreaterThan(0n);
    await expectLinkedReceipts(product.knex);
    const told = await expectDeliveredOutbox(product.knex);
    expectHeardOnceInOrder(told);

    const check = startBob('check-invariants', { DATABASE_URL: product.databaseUrl }, ['--settled', '30']);
    expect(await check.ended, check.output()).toBe(0);
  },
  2 * BOUND_MS,
);

/** What the receiver saw: all that was told and nothing else, resends byte for byte the same, each session in order. */
function expectHeardOnceInOrder(told: readonly string[]): void {
  const first = new Map<string, ArrivedEvent>();
  for (const event of subscription.arrived) {
    const earlier = first.get(event.id);
    if (earlier === undefined) first.set(event.id, event);
    else expect(event.body).toBe(earlier.body);
  }
  expect(subscription.refused).toEqual([]);
  expect([...first.keys()].toSorted()).toEqual(told.toSorted());
  const sessions = Map.groupBy(
    [...first.values()].filter((event) => event.sessionId !== null),
    (event) => event.sessionId,
  );
  expect(sessions.size).toBe(SESSIONS);
  for (const [session, events] of sessions) {
    const seqs = events.map((event) => event.seq);
    expect(seqs, `${session}`).toEqual(seqs.map((_, index) => index + 1));
  }
}

function tell(load: object, calls: { calls: number; repeatedMessages: number }): void {
  const { calls: all, repeatedMessages } = calls;
  process.stderr.write(`${JSON.stringify({ ...load, modelCalls: all, repeatedMessages })}\n`);
}
