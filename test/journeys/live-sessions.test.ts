import { afterAll, beforeAll, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import type { FollowedFeed } from '../fixtures/feed-reader.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';

let stub: StubModel;
let product: RunningProduct;
let ana: Supervisor;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-40' } });
  ana = await superviseAs(product, ACCOUNTS.demo);
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

const names = ({ events }: FollowedFeed): string[] => events.map(({ event }) => event);

async function begin() {
  const visitor = visitorOf(product, 'demo');
  await visitor.say('mark:first');
  const { body } = await ana.get(`/api/sessions?q=${visitor.sessionId}`);
  const [session] = body['data'] as { id: string }[];
  return { visitor, sessionId: session?.id ?? '' };
}

/** What a browser of the visitor would open: a word each second is an answer that can be watched. */
function askStreaming(sessionId: string): Promise<Response> {
  return fetch(`${product.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ session_id: sessionId, message: 'mark:streamed !!drip', business_id: 'demo' }),
  });
}

test('a live thread shows a running answer, and ends in the words that the takeover kept of it', async () => {
  const { visitor, sessionId } = await begin();
  const thread = await ana.follow(`/api/sessions/${sessionId}/messages?after=2`);
  await expect.poll(() => names(thread), { timeout: 10_000 }).toEqual(['owner']);
  const answer = await askStreaming(visitor.sessionId);
  await expect
    .poll(() => names(thread).filter((name) => name === 'delta').length, { timeout: 20_000 })
    .toBeGreaterThan(1);
  await ana.act(sessionId, 'takeover');
  await ana.act(sessionId, 'note', { text: 'mine' });
  await expect.poll(() => names(thread).filter((name) => name === 'message').length, { timeout: 10_000 }).toBe(3);
  const shown = await answer.text();

  const [asked, cut, note] = thread.events.filter(({ event }) => event === 'message');
  expect(asked).toMatchObject({ id: '3', data: { seq: 3, author: { type: 'visitor' } } });
  expect(cut).toMatchObject({ id: '4', data: { seq: 4, cut: true, author: { type: 'ai' } } });
  expect(note).toMatchObject({ id: '5', data: { kind: 'note', author: { type: 'human' } } });
  expect(thread.events.findLast(({ event }) => event === 'owner')?.data).toMatchObject({
    owner: 'human',
    owner_epoch: 1,
  });
  const deltas = [...shown.matchAll(/^event: delta\ndata: (.*)$/gm)].map(
    ([, data]) => (JSON.parse(data ?? '') as { delta: string }).delta,
  );
  // What the visitor saw is what stands in the transcript, to the letter.
  expect(deltas.join('')).toBe(cut?.data['text']);
  thread.leave();
});

test('a thread goes on behind the last message its reader has', async () => {
  const { sessionId } = await begin();
  await ana.act(sessionId, 'reply', { text: 'Hello' });
  const thread = await ana.follow(`/api/sessions/${sessionId}/messages`, { 'last-event-id': '2' });
  await expect.poll(() => names(thread), { timeout: 10_000 }).toEqual(['message', 'owner']);
  expect(thread.events[0]).toMatchObject({ id: '3', data: { text: 'Hello' } });
  thread.leave();
});

test('the feed tells what changed, in order, without a word, and resumes', async () => {
  const feed = await ana.follow('/api/sessions/feed');
  await expect.poll(() => names(feed), { timeout: 10_000 }).toEqual(['ready']);
  const { visitor, sessionId } = await begin();
  await ana.act(sessionId, 'takeover');
  const ours = (followed: FollowedFeed) => followed.events.filter(({ data }) => data['session_id'] === sessionId);
  const types = ['session.created', 'message.received', 'message.sent', 'turn.completed', 'handoff.taken_over'];
  await expect.poll(() => ours(feed).map(({ data }) => data['type']), { timeout: 10_000 }).toEqual(types);
  expect(ours(feed).at(-1)?.data).toMatchObject({ owner: 'human', owner_epoch: 1, seq: 5 });
  expect(JSON.stringify(feed.events)).not.toContain('mark:first');
  feed.leave();

  await visitor.say('mark:second');
  const resumed = await ana.follow('/api/sessions/feed', { 'last-event-id': feed.events.at(-1)?.id ?? '' });
  const after = ['message.received', 'turn.completed'];
  await expect.poll(() => ours(resumed).map(({ data }) => data['type']), { timeout: 10_000 }).toEqual(after);
  resumed.leave();
});

test('a feed shows nothing of another tenant, and nothing to strangers', async () => {
  const operator = await superviseAs(product, { ...ACCOUNTS.operator, path: '/api/auth/login' });
  const feed = await operator.follow('/api/sessions/feed', { 'last-event-id': '0' });
  const { sessionId } = await begin();
  const own = visitorOf(product);
  await own.say('mark:own');
  await expect.poll(() => feed.events.length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(JSON.stringify(feed.events)).not.toContain(sessionId);
  feed.leave();
  const thread = await operator.follow(`/api/sessions/${sessionId}/messages`);
  expect(thread.status).toBe(404);
  const anonymous = await callChat(product.url, { path: `/api/sessions/${sessionId}/note`, body: { text: 'x' } });
  expect(anonymous.status).toBe(401);
});
