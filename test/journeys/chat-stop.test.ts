import { randomInt, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { countTokens } from '#platform/count-tokens.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { checkDatabase } from '../../bin/invariants/check-database.ts';
import { createSeededRandom } from '../chaos/seeded-random.ts';
import { startAbortTimes, type AbortTimes } from '../fixtures/abort-times.ts';
import { callChat, logIn, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { streamChat, type ChatStream, type StreamCall } from '../fixtures/sse-reader.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

const POINTS = 25;
const AT_A_TIME = 5;
/** A whole answer has 195 characters, and takes its model 620 ms. */
const TOKENS = 60;
const LATEST_CHARACTER = 150;
const SEED = randomInt(2 ** 31);

let stub: StubModel;
let products: Record<'shared' | 'apart', RunningProduct>;
/** The one that the tests below talk with. */
let product: RunningProduct;
let aborts: AbortTimes;
beforeAll(async () => {
  stub = await startStubModel();
  const start = (line: 'shared' | 'apart') =>
    startProduct({ model: { url: stub.url, name: `stub-20-10-${TOKENS}` }, line });
  const [shared, apart] = await Promise.all([start('shared'), start('apart')]);
  products = { shared, apart };
  product = shared;
});
afterAll(async () => {
  await Promise.all([products.shared.close(), products.apart.close()]);
  await stub.stop();
});

const stopChat = (body: object, headers: Record<string, string> = {}) =>
  callChat(product.url, { path: '/api/chat/stop', body: { business_id: 'demo', ...body }, headers });

/** Opens a stream, and comes back once its screen shows this many characters, or will not get them any more. */
async function streamUntil(characters: number, call: StreamCall): Promise<ChatStream> {
  const shown = Promise.withResolvers<void>();
  const onEvent: StreamCall['onEvent'] = (_event, { screen }) => {
    if (screen().length >= characters) shown.resolve();
  };
  const stream = await streamChat(product.url, { ...call, onEvent });
  await Promise.race([shown.promise, stream.ended]);
  return stream;
}

interface StoppedAt {
  mark: string;
  kept: 'nothing' | 'a part' | 'all';
}

interface Point {
  character: number;
  /** A second between two words: however busy the machine is, this answer is not over when the stop comes. */
  drips: boolean;
}

/** One answer, stopped when the screen shows that much of it: what is on record is what is on the screen. */
async function stopAt({ character, drips }: Point, mark: string): Promise<StoppedAt> {
  const asked = drips ? `mark:${mark} !!drip` : `mark:${mark}`;
  const body = { session_id: randomUUID(), message: asked, business_id: 'demo' };
  const stream = await streamUntil(character, { body });
  // The clock of the visitor who says stop: the way of the request is part of it.
  const aborting = aborts.of(mark);
  const stopped = await stopChat({ session_id: body.session_id });
  expect(stopped.status, mark).toBe(200);
  await aborting;
  const done = await stream.ended;
  expect(done, mark).toMatchObject({ outcome: 'answered' });
  expect(done?.['reply'] ?? '', mark).toBe(stream.screen());

  const record = await turnRecord(product.knex, String(done?.['turn_id']));
  const message = await product
    .knex<{ text: string; cut: boolean; turn_id: string; author: string }>('message')
    .where({ turn_id: record.turnId, author: 'ai' })
    .first('text', 'cut');
  expect(message?.text ?? '', mark).toBe(stream.screen());
  if (message === undefined) {
    expect(record, mark).toMatchObject({ replies: 0, holds: ['released'], chargedMillicredits: 0 });
    return { mark, kept: 'nothing' };
  }
  expect(record, mark).toMatchObject({ replies: 1, receipts: 1, holds: ['settled'] });
  const billed = record.lines.filter(({ waived }) => waived === null);
  expect(record.chargedMillicredits, mark).toBe(billed.reduce((sum, line) => sum + line.amountMillicredits, 0));
  await expectTokensUsed(record.turnId, { text: message.text, cut: message.cut, mark });
  return { mark, kept: message.cut ? 'a part' : 'all' };
}

/** Paid is what the model said until it was broken off: what was shown, and what it was just about to be. */
async function expectTokensUsed(turnId: string, said: { text: string; cut: boolean; mark: string }): Promise<void> {
  const lines = await product
    .knex<{ turn_id: string; kind: string; pools: { output: number }; estimated: boolean }>('usage_line')
    .where({ turn_id: turnId, kind: 'llm' })
    .select('pools', 'estimated');
  expect(lines, said.mark).toHaveLength(1);
  const [line] = lines;
  expect(line?.estimated, said.mark).toBe(said.cut);
  expect(line?.pools.output, said.mark).toBeGreaterThanOrEqual(said.cut ? await countTokens(said.text) : TOKENS);
  const whole = `[[p]]seen:1 mark:${said.mark}${' ok'.repeat(TOKENS - 2)}`;
  expect(line?.pools.output, said.mark).toBeLessThanOrEqual(Math.max(TOKENS, await countTokens(whole)));
}

async function brokenInvariants(): Promise<string[]> {
  const verdicts = await checkDatabase(product.env.DATABASE_URL, { settled: true });
  return verdicts.flatMap(({ id, faults }) => faults.map(({ says }) => `${id} ${says}`));
}

describe.each(['shared', 'apart'] as const)('with API and worker %s', (line) => {
  beforeAll(() => {
    product = products[line];
    aborts = startAbortTimes(stub);
  });

  test(`an answer stopped at ${POINTS} random points keeps what was shown, at its cost (seed ${SEED})`, async () => {
    const random = createSeededRandom(SEED + line.length);
    const points = Array.from({ length: POINTS }, (_, n) => {
      const drips = n % 5 === 0;
      return { character: drips ? 1 : random.whole(-20, LATEST_CHARACTER), drips };
    });
    const stopped: StoppedAt[] = [];
    for (let from = 0; from < POINTS; from += AT_A_TIME) {
      const some = points.slice(from, from + AT_A_TIME);
      stopped.push(...(await Promise.all(some.map((point, n) => stopAt(point, `${line}-${from + n}`)))));
    }
    // Whoever was cut off was cut off at the provider as well.
    await expect.poll(() => stub.stats().runningCalls).toBe(0);
    expect(stopped.filter((_, n) => points[n]?.drips).map(({ kept }) => kept)).toEqual(
      Array.from({ length: POINTS / 5 }, () => 'a part'),
    );
    const ends = new Map(stub.stats().log.map(({ mark, ended }) => [mark, ended]));
    for (const { mark, kept } of stopped) {
      if (kept === 'a part') expect(ends.get(mark), mark).toBe('aborted');
      if (kept === 'all') expect(ends.get(mark), mark).toBe('answered');
    }
    await expect.poll(brokenInvariants, { timeout: 20_000, interval: 500 }).toEqual([]);
    aborts.tell(`from the stop to the end of the call, API and worker ${line}`);
  });
});

describe('a stop', () => {
  test('of an answer nobody reads along keeps nothing and costs nothing; the conversation goes on', async () => {
    const visitor = visitorOf(product, 'demo');
    const before = stub.stats().calls;
    const waiting = visitor.say('mark:json !!hang');
    await expect.poll(() => stub.stats().calls).toBeGreaterThan(before);
    const stopped = await stopChat({ session_id: visitor.sessionId });
    const { status, body } = await waiting;
    expect([status, body.outcome, body.reply, body.seq]).toEqual([200, 'answered', null, null]);
    expect(stopped.body).toEqual({ session_id: visitor.sessionId, stopped: body.turn_id });
    expect(await turnRecord(product.knex, body.turn_id ?? '')).toMatchObject({ replies: 0, chargedMillicredits: 0 });
    expect((await visitor.say('mark:next')).body).toMatchObject({ outcome: 'answered', seq: 3 });
  });

  test('with nothing running stops nothing, as often as it is asked for', async () => {
    const visitor = visitorOf(product, 'demo');
    await visitor.say('mark:done');
    const twice = [
      await stopChat({ session_id: visitor.sessionId }),
      await stopChat({ session_id: visitor.sessionId }),
    ];
    for (const { status, body, headers } of twice) {
      expect([status, body]).toEqual([200, { session_id: visitor.sessionId, stopped: null }]);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('is for who may continue the conversation', async () => {
    const name = `chat-${randomUUID().slice(0, 8)}`;
    const call = { body: { session_id: name, message: 'mark:mine', business_id: 'demo' } };
    const { body, cookie } = await callChat(product.url, call);
    expect((await stopChat({ session_id: name })).body.type).toBe('/problems/session-proof-required');
    expect((await stopChat({ session_id: name }, { cookie })).status).toBe(200);
    expect((await stopChat({ session_id: name }, { 'x-session-token': body.session_token ?? '' })).status).toBe(200);
    expect((await stopChat({ session_id: randomUUID() })).body.type).toBe('/problems/not-found');
    expect((await stopChat({ session_id: name, business_id: 'nobody' })).body.type).toBe(
      '/problems/business-not-found',
    );
    const foreign = await stopChat({ session_id: name }, { cookie, origin: 'https://elsewhere.example' });
    expect(foreign.body.type).toBe('/problems/origin-not-allowed');
  });

  test('by a signed-in caller finds the session by either of its names, and no visitor’s', async () => {
    const token = await logIn(product.url, { ...ACCOUNTS.demo, path: '/api/customers/auth/login' });
    const headers = { authorization: `Bearer ${token}` };
    const path = '/api/chat/message/stop';
    const visitor = visitorOf(product, 'demo');
    await visitor.say('mark:visitor');
    const theirs = await callChat(product.url, { path, headers, body: { session_id: visitor.sessionId } });
    expect(theirs.body.type).toBe('/problems/not-found');

    const name = randomUUID();
    const said = { message: 'mark:signed-in !!drip', session_id: name };
    const stream = await streamUntil(1, { path: '/api/chat/message', headers, body: said });
    const byName = await callChat(product.url, { path, headers, body: { session_id: name } });
    const done = await stream.ended;
    expect(byName.body).toEqual({ session_id: name, stopped: done?.['turn_id'] });
    expect(done).toMatchObject({ outcome: 'answered', reply: stream.screen() });
    const { sessionId } = await turnRecord(product.knex, String(done?.['turn_id']));
    const ours = `ses_${sessionId.replaceAll('-', '')}`;
    const byId = await callChat(product.url, { path, headers, body: { session_id: ours } });
    expect(byId.body).toEqual({ session_id: ours, stopped: null });
  });
});
