import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { callChat, logIn, type ChatReply } from '../fixtures/chat-caller.ts';
import { followFeed } from '../fixtures/feed-reader.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { addPersona } from '../fixtures/second-persona.ts';
import { callerWith, type Call } from '../fixtures/signed-in-caller.ts';
import { streamChat } from '../fixtures/sse-reader.ts';

const ORIGIN = 'https://your-customer-site.com';
const QUESTION = 'What does the Pro plan cost?';

let model: OfflineModel;
let product: RunningProduct;
let owner: Call;
let key: string;

beforeAll(async () => {
  model = await startOfflineModel();
  product = await startProduct({ model: { url: model.url, name: MODEL_NAME } });
  owner = callerWith(product.url, await logIn(product.url, { path: '/api/customers/auth/login', ...ACCOUNTS.demo }));
  key = await newKey();
  await owner('PUT', '/api/widget/origins', { origins: [ORIGIN] });
});
afterAll(async () => {
  await product.close();
  await model.stop();
});

async function newKey(): Promise<string> {
  const made = (await (await owner('POST', '/api/widget/keys')).json()) as { key: string };
  return made.key;
}

function say(body: object, headers: Record<string, string> = {}): Promise<ChatReply> {
  return callChat(product.url, {
    path: '/api/widget/chat',
    body: { message: QUESTION, ...body },
    headers: { Origin: ORIGIN, 'X-Widget-Key': key, ...headers },
  });
}

test('the vendor’s snippet for embeds is answered: key, Origin, session_id and message', async () => {
  const { status, body, headers } = await say({ session_id: 'session_123' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    session_id: 'session_123',
    outcome: 'answered',
    reply: expect.stringContaining('249 USD'),
    session_token: expect.any(String),
    disclosure: { version: 1, text: expect.stringContaining('AI assistant') },
  });
  expect(body).not.toHaveProperty('credits');
  expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
  expect(headers.get('set-cookie')).toBeNull();
});

describe('a conversation over the widget', () => {
  test('goes on with its token, and with nothing else', async () => {
    const first = await say({ session_id: 'goes-on' });
    expect(await say({ session_id: 'goes-on' })).toMatchObject({ status: 409 });
    const token = { 'X-Session-Token': String(first.body.session_token) };
    const second = await say({ session_id: 'goes-on', message: 'And the Starter plan?' }, token);
    expect(second).toMatchObject({ status: 200, body: { seq: 4, reply: expect.stringContaining('79 USD') } });
  });

  test('is answered piece by piece to who reads so', async () => {
    const stream = await streamChat(product.url, {
      path: '/api/widget/chat',
      body: { session_id: 'streamed', message: QUESTION },
      headers: { Origin: ORIGIN, 'X-Widget-Key': key },
    });
    expect(await stream.ended).toMatchObject({ outcome: 'answered', reply: stream.screen() });
    expect(stream.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(stream.headers.get('vary')).toBe('Origin');
  });

  test('is not the one of the same name on another path', async () => {
    const over = await say({ session_id: 'same-name' });
    const beside = await callChat(product.url, {
      body: { session_id: 'same-name', message: QUESTION, business_id: 'demo' },
    });
    expect([over.status, beside.status, over.body.seq, beside.body.seq]).toEqual([200, 200, 2, 2]);
  });

  test('a message sent again under its key is one turn', async () => {
    const again = { 'Idempotency-Key': 'widget-again' };
    const [first, second] = [await say({ session_id: 'again' }, again), await say({ session_id: 'again' }, again)];
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  test('a known key of a message opens nothing to a page that is not listed', async () => {
    const headers = { 'Idempotency-Key': 'not-for-others' };
    await say({ session_id: 'listed-only' }, headers);
    const foreign = await say({ session_id: 'listed-only' }, { ...headers, Origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.type]).toEqual([403, '/problems/origin-not-allowed']);
  });

  test('is read back, followed, stopped and rated by its visitor', async () => {
    const { body } = await say({ session_id: 'beside' });
    const headers = {
      Origin: ORIGIN,
      'X-Widget-Key': key,
      'X-Session-Token': String(body.session_token),
      'Content-Type': 'application/json',
    };
    const messages = `${product.url}/api/widget/chat/messages?session_id=beside`;
    expect((await fetch(messages, { headers: { ...headers, 'X-Session-Token': '' } })).status).toBe(409);
    const transcript = (await (await fetch(messages, { headers })).json()) as { data: { seq: number }[] };
    expect(transcript.data.map(({ seq }) => seq)).toEqual([1, 2]);

    const feed = await followFeed(`${messages}&after=1`, headers);
    await expect.poll(() => feed.events.map(({ event }) => event)).toContain('message');
    expect(feed.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    feed.leave();

    const post = (path: string, sent: object): Promise<Response> =>
      fetch(`${product.url}/api/widget/chat/${path}`, { method: 'POST', headers, body: JSON.stringify(sent) });
    const stopped = await post('stop', { session_id: 'beside' });
    expect([stopped.status, await stopped.json()]).toEqual([200, { session_id: 'beside', stopped: null }]);
    const rating = { session_id: 'beside', message_id: body['message_id'], rating: 'up' };
    const rated = await post('feedback', rating);
    expect([rated.status, await rated.json()]).toEqual([200, { ...rating, at: expect.any(String) }]);
    expect((await post('stop', { session_id: 'of-nobody' })).status).toBe(404);
  });
});

describe('what a page says about itself', () => {
  test('its language is that of the fixed texts of a new conversation', async () => {
    const context = { language: 'nl-BE', page: `${ORIGIN}/`, data: { cart: { items: 3 } } };
    const dutch = await say({ session_id: 'in-dutch', message: 'Pro?', context });
    expect(dutch.body).toMatchObject({ disclosure: { text: expect.stringContaining('AI-assistent') } });
    const unknown = await say({ session_id: 'in-klingon', message: 'Pro?', context: { language: 'tlh' } });
    expect(unknown.body).toMatchObject({ disclosure: { text: expect.stringContaining('AI assistant') } });
  });

  test('a persona is asked for by slug or id, and one that is not live is no reason to be silent', async () => {
    const ada = await addPersona(product.knex, 'demo', 'Ada');
    const eve = await addPersona(product.knex, 'demo', 'Eve');
    await product.knex('persona').update({ slug: 'eve' }).where({ slug: eve });
    const nameOf = async (persona: string): Promise<unknown> => {
      const { body } = await say({ session_id: `with ${persona}`, context: { persona } });
      return body['author'];
    };
    expect(await nameOf(ada)).toMatchObject({ name: 'Ada' });
    expect(await nameOf('eve')).toMatchObject({ name: 'Eve' });
    expect(await nameOf('nobody')).toMatchObject({ name: 'Bob' });
    await product
      .knex('persona')
      .update({ archived_at: new Date('2026-01-01') })
      .where({ slug: 'eve' });
    expect(await say({ session_id: 'archived', context: { persona: 'eve' } })).toMatchObject({
      body: { author: { name: 'Bob' } },
    });
  });

  test.each([
    ['unknown fields', { cookie: 'x' }, '/context/cookie'],
    ['more than 4 kB', { data: { text: 'x'.repeat(4100) } }, '/context'],
  ])('%s are refused', async (_what, context, pointer) => {
    const { status, body } = await say({ session_id: 'refused', context });
    expect([status, body['errors']]).toEqual([422, [expect.objectContaining({ pointer })]]);
  });
});

describe('keys', () => {
  test('a rotated key works on until its end, and its successor at once', async () => {
    const { data } = (await (await owner('GET', '/api/widget/keys?limit=1')).json()) as { data: { id: string }[] };
    const rotated = await owner('POST', `/api/widget/keys/${data[0]?.id}/rotate`, { overlap_hours: 1 });
    const next = (await rotated.json()) as { id: string; key: string };
    expect((await say({ session_id: 'old-key' })).status).toBe(200);
    expect((await say({ session_id: 'new-key' }, { 'X-Widget-Key': next.key })).status).toBe(200);
    expect((await owner('DELETE', `/api/widget/keys/${next.id}`)).status).toBe(204);
    const refused = await say({ session_id: 'revoked' }, { 'X-Widget-Key': next.key });
    expect([refused.status, refused.body.type]).toEqual([401, '/problems/widget-key-invalid']);
  });
});
