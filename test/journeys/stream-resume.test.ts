import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { createSeededRandom } from '../chaos/seeded-random.ts';
import { callChat } from '../fixtures/chat-caller.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { type ChatStream, type SseEvent, streamChat } from '../fixtures/sse-reader.ts';
import { triesOf, turnRecord } from '../fixtures/turn-record.ts';

const SEED = randomInt(2 ** 31);
const POINTS = 20;
const AT_A_TIME = 10;
/** An answer takes a second, in some twenty pieces. */
const MODEL = 'stub-20-15-60';
const CUTS_MAX = 4;
/** A cut comes after so many events, whatever the machine is at, and a moment between two of them. */
const EVENTS_MAX = 8;
const BETWEEN_MS = 60;
const PATIENCE = { timeout: 60_000, interval: 2 };

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
beforeEach(() => stub.reset());
afterAll(() => stub.stop());

const isOver = ({ events }: ChatStream): boolean => events.at(-1)?.event === 'done';

function resetsOf(stream: ChatStream): string[] {
  return stream.events.filter(({ event }) => event === 'reset').map(({ id }) => id);
}

describe.each(['shared', 'apart'] as const)('with API and worker %s', (line) => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await startProduct({ model: { url: stub.url, name: MODEL }, line });
  });
  afterAll(() => product.close());

  /** One message and its reader, who comes back as a browser does: same key, last id, same screen. */
  function readerOf(message: string) {
    const body = { session_id: randomUUID(), message, business_id: 'demo' };
    const key = { 'idempotency-key': randomUUID() };
    let left: Pick<ChatStream, 'screen' | 'lastId'> = { screen: () => '', lastId: () => '' };
    return {
      body,
      key,
      async connect(leavesWithFirstWords = false): Promise<ChatStream> {
        const lastId = left.lastId();
        const headers = { ...key, ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
        const onEvent = ({ event }: SseEvent, { leave }: ChatStream): void => {
          if (leavesWithFirstWords && event === 'delta') leave();
        };
        const stream = await streamChat(product.url, { body, headers, screen: left.screen(), onEvent });
        left = stream;
        return stream;
      },
    };
  }

  async function expectOneAnswer(turnId: unknown, text: string): Promise<void> {
    const record = await turnRecord(product.knex, String(turnId));
    expect(record).toMatchObject({ outcome: 'answered', holds: ['settled'], replies: 1, receipts: 1 });
    const said = await product.knex('message').where({ turn_id: record.turnId, author: 'ai' });
    expect(said).toMatchObject([{ text, cut: false }]);
  }

  test(`an answer that is cut at ${POINTS} random points has no character lost or doubled (seed ${SEED})`, async () => {
    const random = createSeededRandom(SEED);
    const points = Array.from({ length: POINTS }, (_, n) => ({
      message: `mark:${line}-${n}`,
      cuts: Array.from({ length: random.whole(1, CUTS_MAX) }, (_point, cut) => ({
        // Every other reader first leaves with the first words, before more can come: surely inside the answer.
        withFirstWords: n % 2 === 0 && cut === 0,
        events: random.whole(0, EVENTS_MAX),
        restMs: random.whole(0, BETWEEN_MS),
      })),
    }));
    let resumedInside = 0;
    async function readToTheEnd({ message, cuts }: (typeof points)[number]): Promise<void> {
      const reader = readerOf(message);
      let resets = 0;
      for (const { withFirstWords, events, restMs } of cuts) {
        const stream = await reader.connect(withFirstWords);
        if (!withFirstWords) {
          await expect.poll(() => stream.events.length >= events || isOver(stream), PATIENCE).toBe(true);
          await sleep(restMs);
          stream.leave();
        }
        await stream.ended;
        resets += resetsOf(stream).length;
        if (/\.[1-9]\d*\.[1-9]\d*$/.test(stream.lastId())) resumedInside += 1;
      }
      const last = await reader.connect();
      const done = await last.ended;
      expect(done, message).toMatchObject({ outcome: 'answered', reply: expect.stringContaining(message) });
      expect(last.screen(), message).toBe(done?.['reply']);
      await expectOneAnswer(done?.['turn_id'], last.screen());
      // A lost or doubled character would be mended by a reset: the reader would see it all the same.
      const tries = await triesOf(product.knex, String(done?.['turn_id']));
      expect(resets + resetsOf(last).length, message).toBeLessThan(tries);
    }
    for (let from = 0; from < POINTS; from += AT_A_TIME) {
      await Promise.all(points.slice(from, from + AT_A_TIME).map(readToTheEnd));
    }
    expect(resumedInside).toBeGreaterThanOrEqual(POINTS / 2);
  });

  test('who comes back after the end gets the rest, then the answer, and nothing runs again', async () => {
    const reader = readerOf('mark:late');
    const first = await reader.connect(true);
    await first.ended;
    const answer = await callChat(product.url, { body: reader.body, headers: reader.key });
    const late = await reader.connect();
    expect(await late.ended).toMatchObject({ reply: answer.body.reply });
    expect(late.screen()).toBe(answer.body.reply);
    const kinds = late.events.map(({ event }) => event);
    expect([kinds[0], kinds.at(-1), new Set(kinds.slice(1, -1))]).toEqual(['accepted', 'done', new Set(['delta'])]);

    const again = await reader.connect();
    await again.ended;
    expect([again.screen(), again.events.map(({ event }) => event)]).toEqual([answer.body.reply, ['accepted', 'done']]);
    expect(stub.stats().calls).toBe(1);
  });

  test('whose pieces are purged meanwhile, is told the answer alone', async () => {
    const reader = readerOf('mark:purged');
    const first = await reader.connect(true);
    await first.ended;
    const { body } = await callChat(product.url, { body: reader.body, headers: reader.key });
    await product.knex('reply_chunk').delete();
    const late = await reader.connect();
    expect(await late.ended).toMatchObject({ reply: body.reply });
    expect(late.events.map(({ event }) => event)).toEqual(['accepted', 'done']);
  });

  test.each(['stays', 'comes back'] as const)(
    'who %s while the model fails reads the next try from its start',
    async (who) => {
      const reader = readerOf(`mark:failing-${who.slice(0, 5)} !!cutx1`);
      let stream = await reader.connect(who === 'comes back');
      if (who === 'comes back') {
        await stream.ended;
        await expect.poll(() => stub.stats().calls, PATIENCE).toBe(2);
        stream = await reader.connect();
      }
      const done = await stream.ended;
      expect(stream.screen()).toBe(done?.['reply']);
      expect(resetsOf(stream)).toHaveLength(1);
      expect(stream.lastId()).toMatch(/\.2\.\d+$/);
      expect(await turnRecord(product.knex, String(done?.['turn_id']))).toMatchObject({
        calls: ['provider_error', 'delivered'],
        replies: 1,
      });
    },
  );

  test('two readers of one answer, one of whom leaves, disturb each other in nothing', async () => {
    const reader = readerOf('mark:both');
    const [one, other] = [await reader.connect(), await reader.connect()];
    await expect.poll(() => one.screen(), PATIENCE).not.toBe('');
    one.leave();
    const done = await other.ended;
    expect(other.screen()).toBe(done?.['reply']);
    await expectOneAnswer(done?.['turn_id'], other.screen());
  });
});
