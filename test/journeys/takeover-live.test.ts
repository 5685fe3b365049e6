import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toUuid } from '#domain/ids.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { createSeededRandom } from '../chaos/seeded-random.ts';
import { startAbortTimes, type AbortTimes } from '../fixtures/abort-times.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { type ChatStream, streamChat } from '../fixtures/sse-reader.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';
import { triesOf, turnRecord } from '../fixtures/turn-record.ts';

const SEED = randomInt(2 ** 31);
const POINTS = 100;
const AT_A_TIME = 10;
const DRIPS_EVERY = 10;
/** An answer takes 600 ms here, in a dozen pieces; it is longer where ten of them share two cores. */
const MODEL = 'stub-50-15-40';
const EVENTS_MAX = 14;
const BETWEEN_MS = 60;

const PATIENCE = { timeout: 60_000, interval: 2 };

/** A place in the answer as its reader sees it, whatever the machine is at, and a moment between two pieces. */
interface Point {
  name: string;
  events: number;
  restMs: number;
  /** Taken over behind the first word, the next one a second away: surely in the middle, on any machine. */
  drips: boolean;
}

const messageAt = ({ name, drips }: Point): string => (drips ? `mark:${name} !!drip` : `mark:${name}`);

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
afterAll(() => stub.stop());

interface Said {
  author: string;
  text: string;
  cut: boolean;
  /** Number of the event that told of it: with that of the takeover, the order in which they were committed. */
  told: number;
}

describe.each(['shared', 'apart'] as const)('with API and worker %s', (line) => {
  let product: RunningProduct;
  let ana: Supervisor;
  let aborts: AbortTimes;
  beforeAll(async () => {
    aborts = startAbortTimes(stub);
    product = await startProduct({ model: { url: stub.url, name: MODEL }, line });
    ana = await superviseAs(product, ACCOUNTS.demo);
  });
  afterAll(() => product.close());

  async function saidIn(sessionId: string): Promise<{ messages: Said[]; takenOverAt: number }> {
    const { rows: messages } = await product.knex.raw<{ rows: Said[] }>(
      `select message.author, message.text, message.cut, webhook_event.seq as told from message
       join webhook_event on webhook_event.tenant_id = message.tenant_id
         and webhook_event.session_id = message.session_id
         and (webhook_event.body::jsonb -> 'data' ->> 'message_seq')::integer = message.seq
       where message.session_id = ? order by message.seq`,
      [toUuid(sessionId as 'ses_')],
    );
    const { rows } = await product.knex.raw<{ rows: { seq: number }[] }>(
      `select seq from webhook_event where session_id = ? and type = 'handoff.taken_over'`,
      [toUuid(sessionId as 'ses_')],
    );
    expect(rows).toHaveLength(1);
    return { messages, takenOverAt: rows[0]?.seq ?? 0 };
  }

  async function sessionOf(stream: ChatStream): Promise<string> {
    await expect.poll(() => stream.events.length, PATIENCE).toBeGreaterThan(0);
    const turn = await turnRecord(product.knex, String(stream.events[0]?.data['turn_id']));
    return `ses_${turn.sessionId.replaceAll('-', '')}`;
  }

  async function takeOverAt({ name: point, ...at }: Point): Promise<'cut' | 'nothing shown' | 'answered'> {
    const body = { session_id: randomUUID(), message: messageAt({ name: point, ...at }), business_id: 'demo' };
    const stream = await streamChat(product.url, { body });
    const sessionId = await sessionOf(stream);
    const isOver = (): boolean => stream.events.some(({ event }) => event === 'done');
    const isReached = (): boolean => (at.drips ? stream.screen() !== '' : stream.events.length >= at.events);
    await expect.poll(() => isReached() || isOver(), PATIENCE).toBe(true);
    await sleep(at.restMs);
    expect(await ana.act(sessionId, 'takeover'), point).toMatchObject({ status: 200, body: { owner: 'human' } });
    await aborts.of(point);
    const atTakeover = (await saidIn(sessionId)).messages;
    expect((await ana.act(sessionId, 'reply', { text: 'A person here.' })).status, point).toBe(201);

    const done = await stream.ended;
    const record = await turnRecord(product.knex, String(done?.['turn_id']));
    const { messages, takenOverAt } = await saidIn(sessionId);
    const byBob = messages.filter(({ author }) => author === 'ai');
    // Whoever looks after the takeover sees all that Bob has ever said here.
    expect(byBob, point).toEqual(atTakeover.filter(({ author }) => author === 'ai'));
    for (const { told } of byBob) expect(told, point).toBeLessThan(takenOverAt);
    expect(messages.at(-1), point).toMatchObject({ author: 'human', text: 'A person here.' });
    expect(stream.screen(), point).toBe(done?.['reply'] ?? '');
    expect(stream.screen(), point).toBe(byBob.map(({ text }) => text).join(''));
    // A word that slipped through would be taken back by a reset, but it would have been seen.
    const resets = stream.events.filter(({ event }) => event === 'reset');
    expect(resets.length, point).toBeLessThan(await triesOf(product.knex, String(done?.['turn_id'])));

    if (done?.['outcome'] === 'answered') {
      expect(byBob, point).toMatchObject([{ cut: false }]);
      expect(record, point).toMatchObject({ holds: ['settled'], replies: 1, receipts: 1 });
      return 'answered';
    }
    expect(done, point).toMatchObject({ outcome: 'suppressed_by_human', owner: 'human' });
    expect(record, point).toMatchObject({ chargedMillicredits: 0, holds: ['released'], receipts: 1 });
    expect(
      record.lines.every(({ waived }) => waived !== null),
      point,
    ).toBe(true);
    if (byBob.length > 0) expect(byBob, point).toMatchObject([{ cut: true }]);
    return byBob.length === 0 ? 'nothing shown' : 'cut';
  }

  test(`after each of ${POINTS} takeovers at random points Bob is silent (seed ${SEED})`, async () => {
    const random = createSeededRandom(SEED);
    const points = Array.from({ length: POINTS }, (_, n) => ({
      name: `${line}-${n}`,
      events: random.whole(0, EVENTS_MAX),
      restMs: random.whole(0, BETWEEN_MS),
      drips: n % DRIPS_EVERY === 0,
    }));
    const ends: string[] = [];
    for (let from = 0; from < POINTS; from += AT_A_TIME) {
      ends.push(...(await Promise.all(points.slice(from, from + AT_A_TIME).map(takeOverAt))));
    }
    const dripping = points.filter(({ drips }) => drips).map(({ name }) => name);
    expect(ends.filter((_, n) => points[n]?.drips)).toEqual(dripping.map(() => 'cut'));
    // The provider is not paid for words that nobody will read.
    await expect.poll(() => stub.stats().runningCalls).toBe(0);
    const aborted = stub.stats().log.filter(({ ended }) => ended === 'aborted');
    expect(aborted.map(({ mark }) => mark)).toEqual(expect.arrayContaining(dripping));
    aborts.tell(`from the takeover's answer to the end of the call, API and worker ${line}`);
    stub.reset();
  });
});
