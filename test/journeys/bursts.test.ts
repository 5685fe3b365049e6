import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, visitorOf } from '../fixtures/chat-caller.ts';
import { type FollowedFeed, followFeed } from '../fixtures/feed-reader.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { streamChat } from '../fixtures/sse-reader.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

const PATIENCE = { timeout: 30_000, interval: 10 };
const MESSAGES = 5;
const BETWEEN_MS = 400;
const FEEDS = 20;

let stub: StubModel;
let product: RunningProduct;
let ana: Supervisor;
beforeAll(async () => {
  stub = await startStubModel();
  // A first word after 2.5 s: five messages in two seconds all come before it.
  product = await startProduct({ model: { url: stub.url, name: 'stub-2500-5-20' }, line: 'apart' });
  ana = await superviseAs(product, ACCOUNTS.demo);
});
beforeEach(() => stub.reset());
afterAll(async () => {
  await product.close();
  await stub.stop();
});

interface Answer extends Record<string, unknown> {
  turn_id: string;
}

describe('five messages in two seconds', () => {
  test('are one reply that saw all five, and one charge, for callers with and without a stream', async () => {
    const sessionId = randomUUID().replaceAll('-', '');
    const answers: Promise<Answer>[] = [];
    for (let n = 1; n <= MESSAGES; n += 1) {
      const body = { session_id: sessionId, message: `mark:${n}`, business_id: 'demo' };
      answers.push(n % 2 === 0 ? callChat(product.url, { body }).then((said) => said.body as Answer) : read(body));
      await sleep(n === MESSAGES ? 0 : BETWEEN_MS);
    }
    const [...told] = await Promise.all(answers);
    const last = told.at(-1);
    expect(last).toMatchObject({ outcome: 'answered', reply: expect.stringContaining(`seen:${MESSAGES} mark:5`) });
    const { message_id, seq, reply, turn_id } = last ?? { turn_id: '' };
    for (const answer of told.slice(0, -1)) {
      expect(answer).toMatchObject({ outcome: 'superseded', covered_by: turn_id, message_id, seq, reply });
    }
    const records = await Promise.all(told.map((answer) => turnRecord(product.knex, answer.turn_id)));
    expect(records.map(({ replies, receipts }) => [replies, receipts])).toEqual([
      ...Array.from({ length: MESSAGES - 1 }, () => [0, 1]),
      [1, 1],
    ]);
    const charges = records.map(({ chargedMillicredits }) => chargedMillicredits);
    expect(charges).toEqual([0, 0, 0, 0, expect.any(Number)]);
    expect(charges.at(-1)).toBeGreaterThan(0);
    expect(records.flatMap(({ holds }) => holds).filter((state) => state !== 'released')).toEqual(['settled']);
    // Whoever gives way is broken off at the provider too.
    expect(stub.stats().log.filter(({ ended }) => ended === 'answered')).toMatchObject([
      { mark: '5', userMessages: 5 },
    ]);
  });

  async function read(body: object): Promise<Answer> {
    const stream = await streamChat(product.url, { body });
    const done = await stream.ended;
    expect(stream.screen()).toBe(done?.['reply']);
    expect(stream.events.filter(({ event }) => event === 'reset')).toEqual([]);
    return done as Answer;
  }
});

describe(`${FEEDS} streams on one conversation`, () => {
  test('tell every message once and in order while it goes on, whenever they came and left', async () => {
    const visitor = visitorOf(product, 'demo');
    const first = await visitor.say('mark:first');
    const { sessionId } = await turnRecord(product.knex, first.body.turn_id ?? '');
    const feedUrl = `${product.url}/api/chat/messages?session_id=${visitor.sessionId}&business_id=demo`;
    const threadPath = `/api/sessions/ses_${sessionId.replaceAll('-', '')}/messages`;
    const half = FEEDS / 2;
    const visitors = await Promise.all(Array.from({ length: half }, () => followFeed(feedUrl)));
    const agents = await Promise.all(Array.from({ length: half - 1 }, () => ana.follow(threadPath)));
    const [leaver] = agents;

    for (const n of [2, 3]) await visitor.say(`mark:${n}`);
    await expect.poll(() => seqsOf(leaver).length, PATIENCE).toBe(6);
    leaver?.leave();
    const session = `ses_${sessionId.replaceAll('-', '')}`;
    await ana.act(session, 'reply', { text: 'A person here.' });
    await ana.act(session, 'note', { text: 'a regular' });
    await visitor.say('mark:4');
    await ana.act(session, 'handback', { note: 'Be kind.' });
    const back = await ana.follow(threadPath, { 'last-event-id': leaver?.events.at(-1)?.id ?? '' });

    const team = await expectWhole(session);
    const shown = team.filter(({ kind }) => kind === 'text').map(({ seq }) => seq);
    await expect.poll(() => visitors.map(seqsOf), PATIENCE).toEqual(visitors.map(() => shown));
    const all = team.map(({ seq }) => seq);
    const others = agents.slice(1);
    await expect.poll(() => others.map(seqsOf), PATIENCE).toEqual(others.map(() => all));
    await expect.poll(() => [...seqsOf(leaver), ...seqsOf(back)], PATIENCE).toEqual(all);
    for (const feed of [...visitors, ...agents, back]) feed.leave();
  });

  /** The thread once the hand-back is answered: eleven lines, the reply to the fourth message last. */
  async function expectWhole(session: string): Promise<{ seq: number; kind: string }[]> {
    const read = async () => {
      const { body } = await ana.get(`/api/sessions/${session}/messages?limit=100`);
      return body['data'] as { seq: number; kind: string; author: { type: string } }[];
    };
    await expect
      .poll(async () => (await read()).map(({ author, kind }) => `${author.type} ${kind}`), PATIENCE)
      .toEqual([
        ...Array.from({ length: 3 }, () => ['visitor text', 'ai text']).flat(),
        'human text',
        'human note',
        'visitor text',
        expect.stringContaining('handback'),
        'ai text',
      ]);
    return read();
  }
});

function seqsOf(feed: FollowedFeed | undefined): unknown[] {
  const messages = feed?.events.filter(({ event }) => event === 'message') ?? [];
  return messages.map(({ data }) => data['seq']);
}
