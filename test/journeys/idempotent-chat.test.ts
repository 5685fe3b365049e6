import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat } from '../fixtures/chat-caller.ts';
import { startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { streamChat } from '../fixtures/sse-reader.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
beforeEach(() => stub.reset());
afterAll(() => stub.stop());

const TIMES = 16;

describe.each(['shared', 'apart'] as const)('one key is one effect, with API and worker %s', (line) => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await startProduct({ model: { url: stub.url, name: 'stub-100-5-40' }, line });
  });
  afterAll(() => product.close());

  function callOf(message: string) {
    const body = { session_id: randomUUID(), message, business_id: 'demo' };
    return { body, headers: { 'idempotency-key': randomUUID() } };
  }

  /** As JSON or as a stream: the answer at the end. What a stream showed is its reply. */
  async function answerTo(call: ReturnType<typeof callOf>, streams: boolean): Promise<Record<string, unknown>> {
    if (!streams) return (await callChat(product.url, call)).body;
    const stream = await streamChat(product.url, call);
    const done = await stream.ended;
    expect(stream.screen()).toBe(done?.['reply']);
    return done ?? {};
  }

  test('sent 16 times at once, as JSON and as streams, it is one turn, one charge and 16 equal answers', async () => {
    const call = callOf('mark:once');
    const answers = await Promise.all(Array.from({ length: TIMES }, (_, n) => answerTo(call, n % 2 === 1)));
    const [first] = answers;
    for (const answer of answers) expect(answer).toEqual(first);
    expect(first).toMatchObject({ outcome: 'answered', reply: expect.stringContaining('seen:1 mark:once') });
    const record = await turnRecord(product.knex, String(first?.['turn_id']));
    expect(record).toMatchObject({ state: 'closed', outcome: 'answered', holds: ['settled'], replies: 1, receipts: 1 });
    expect(record.chargedMillicredits).toBeGreaterThan(0);
    expect(stub.stats().calls).toBe(1);
    const turns = await product.knex<{ session_id: string }>('turn').where({ session_id: record.sessionId });
    expect(turns).toHaveLength(1);
  });

  test('whoever comes again while the answer is written, or after it, attaches to it', async () => {
    const call = callOf('mark:again');
    const first = await streamChat(product.url, call);
    await expect.poll(() => first.screen(), { interval: 5 }).not.toBe('');
    const during = await Promise.all([answerTo(call, false), answerTo(call, true)]);
    const done = await first.ended;
    expect(done).toMatchObject({ outcome: 'answered', reply: first.screen() });
    const after = [await answerTo(call, false), await answerTo(call, true)];
    expect([...during, ...after]).toEqual([done, done, done, done]);
    expect(stub.stats().calls).toBe(1);
  });

  test('with another message it is refused, as JSON and as a stream, while the first runs and afterwards', async () => {
    const call = callOf('mark:first');
    const other = { ...call, body: { ...call.body, message: 'mark:other' } };
    const running = await streamChat(product.url, call);
    expect((await callChat(product.url, other)).body.type).toBe('/problems/idempotency-mismatch');
    expect(await running.ended).toMatchObject({ outcome: 'answered' });
    const refused = await callChat(product.url, other);
    expect([refused.status, refused.body.type]).toEqual([422, '/problems/idempotency-mismatch']);
    const stream = await streamChat(product.url, other);
    expect([stream.status, stream.headers.get('content-type')]).toEqual([
      422,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(stub.stats().calls).toBe(1);
  });
});
