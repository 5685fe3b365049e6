import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toUuid } from '#domain/ids.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { checkDatabase } from '../../bin/invariants/check-database.ts';
import { callChat, visitorOf, type ChatReply } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { addPersona } from '../fixtures/second-persona.ts';
import { subscribeReceiver, type Subscription } from '../fixtures/subscribe-receiver.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';

let stub: StubModel;
let product: RunningProduct;
let subscription: Subscription;
let ana: Supervisor;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' } });
  subscription = await subscribeReceiver({ apiUrl: product.url, ...ACCOUNTS.demo });
  ana = await superviseAs(product, ACCOUNTS.demo);
});
afterAll(async () => {
  await subscription.close();
  await product.close();
  await stub.stop();
});

const signedIn = (path: string, body: object, headers: Record<string, string> = {}): Promise<ChatReply> =>
  callChat(product.url, { path, body, headers: { authorization: `Bearer ${ana.token}`, ...headers } });
const open = (body: object, headers?: Record<string, string>) => signedIn('/api/chat/session', body, headers);
const say = (sessionId: string | undefined, message: string) =>
  signedIn('/api/chat/message', { session_id: sessionId, message });

async function brokenInvariants(): Promise<string[]> {
  const verdicts = await checkDatabase(product.env.DATABASE_URL, { settled: true });
  return verdicts.flatMap(({ id, faults }) => faults.map(({ says }) => `${id} ${says}`));
}

describe('a conversation that is opened before its first message', () => {
  test('gets a name where none is given, and goes on by that name and by ours', async () => {
    const { status, body, headers } = await open({}, { 'accept-language': 'it' });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(body).toMatchObject({
      session_id: expect.stringMatching(/^[\w-]{22,}$/),
      channel: 'signed_in',
      status: 'open',
      owner: 'ai',
      language: 'it',
      last_message: null,
      disclosure: { version: 1, text: expect.any(String) },
    });
    expect((await say(body.session_id, 'mark:first')).body).toMatchObject({ outcome: 'answered', seq: 2 });
    const ours = String(body['id']);
    expect((await say(ours, 'mark:second')).body).toMatchObject({
      session_id: ours,
      seq: 4,
      reply: expect.stringContaining('seen:2 mark:second'),
    });
    const history = await ana.get(`/api/chat/history/${ours}`);
    expect(history.body['data']).toHaveLength(4);
  });

  test('is the same one when it is asked for again', async () => {
    const name = `case-${randomUUID()}`;
    const all = await Promise.all(Array.from({ length: 8 }, () => open({ session_id: name })));
    expect(all.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 201,
    ]);
    expect(new Set(all.map(({ body }) => body['id'])).size).toBe(1);
    await say(name, 'mark:said');
    expect(await open({ session_id: name })).toMatchObject({
      status: 200,
      body: { session_id: name, id: all[0]?.body['id'], last_message: { seq: 2 } },
    });
    expect(await open({ session_id: String(all[0]?.body['id']) })).toMatchObject({ status: 200 });
  });

  test('is opened once under one key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const [first, again] = [await open({}, key), await open({}, key)];
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect((await open({ business_id: 'demo' }, key)).body.type).toBe('/problems/idempotency-mismatch');
  });

  test('speaks as the persona that was chosen for it', async () => {
    const personaId = await addPersona(product.knex, 'demo', 'Nora');
    const { status, body } = await open({ persona_id: personaId });
    expect([status, body['persona']]).toEqual([201, { id: personaId, version: 1 }]);
    expect((await say(body.session_id, 'mark:nora')).body).toMatchObject({
      author: { name: 'Nora' },
      persona: { id: personaId, version: 1 },
    });
    expect(await open({ session_id: body.session_id, persona_id: personaId })).toMatchObject({ status: 200 });

    const other = await open({});
    const mismatch = await open({ session_id: other.body.session_id, persona_id: personaId });
    expect([mismatch.status, mismatch.body.type]).toEqual([409, '/problems/conflict']);
    await product
      .knex('persona')
      .where({ id: toUuid(personaId) })
      .update({ archived_at: new Date(0) });
    expect((await open({ persona_id: personaId })).body.type).toBe('/problems/not-found');
    expect((await open({ persona_id: `per_${'0'.repeat(32)}` })).body.type).toBe('/problems/not-found');
  });

  test('belongs to the caller’s own business', async () => {
    expect((await open({ business_id: 'demo' })).status).toBe(201);
    for (const business of ['office16852-platform', 'nobody']) {
      expect((await open({ business_id: business })).body.type).toBe('/problems/business-not-found');
    }
    const absent = `ses_${'0'.repeat(32)}`;
    expect((await open({ session_id: absent })).body.type).toBe('/problems/not-found');
    expect((await say(absent, 'mark:nowhere')).body.type).toBe('/problems/not-found');
  });

  test('of a visitor is not continued in somebody else’s name', async () => {
    const visitor = visitorOf(product, 'demo');
    await visitor.say('mark:visitor');
    const listed = await ana.get(`/api/sessions?q=${visitor.sessionId}`);
    const [theirs] = listed.body['data'] as { id: string }[];
    expect((await say(theirs?.id, 'mark:intruder')).body.type).toBe('/problems/not-found');
  });
});

describe('a rating', () => {
  async function answered() {
    const visitor = visitorOf(product, 'demo');
    const { body } = await visitor.say('mark:rated');
    const messageId = String(body['message_id']);
    const rate = (feedback: object, headers: Record<string, string> = {}) =>
      callChat(product.url, {
        path: '/api/chat/feedback',
        body: { session_id: visitor.sessionId, business_id: 'demo', message_id: messageId, rating: 'up', ...feedback },
        headers,
      });
    const listed = await ana.get(`/api/sessions?q=${visitor.sessionId}`);
    const [session] = listed.body['data'] as { id: string }[];
    return { visitor, messageId, rate, sessionId: session?.id ?? '' };
  }

  test('counts as it was given last; webhooks learn of each, and of no word', async () => {
    const { messageId, rate, sessionId } = await answered();
    const down = await rate({ rating: 'down', reason: 'Ana was promised a refund' });
    expect([down.status, down.body]).toEqual([
      200,
      { session_id: expect.any(String), message_id: messageId, rating: 'down', at: expect.any(String) },
    ]);
    expect((await rate({ rating: 'down', reason: 'Ana was promised a refund' })).body).toEqual(down.body);
    expect((await ana.get(`/api/sessions/${sessionId}`)).body).toMatchObject({
      facts: { feedback: { up: 0, down: 1 } },
    });
    expect((await rate({ reason: 'tone' })).body).toMatchObject({ rating: 'up' });
    expect((await ana.get(`/api/sessions/${sessionId}`)).body).toMatchObject({
      facts: { feedback: { up: 1, down: 0 } },
    });
    const told = () =>
      subscription.arrived.filter((event) => event.sessionId === sessionId && /feedback/.test(event.type));
    await expect.poll(() => told().length, { timeout: 20_000 }).toBe(2);
    expect(told().map(({ body }) => (JSON.parse(body) as { data: object }).data)).toEqual([
      { message_id: messageId, rating: 'down', reason_code: 'other' },
      { message_id: messageId, rating: 'up', reason_code: 'tone' },
    ]);
  });

  test('is for answers of Bob, in a conversation of one’s own', async () => {
    const { visitor, rate } = await answered();
    const url = `${product.url}/api/chat/messages?session_id=${visitor.sessionId}&business_id=demo`;
    const { data } = (await (await fetch(url)).json()) as { data: { id: string }[] };
    expect((await rate({ message_id: data[0]?.id })).body).toMatchObject({
      type: '/problems/invalid-body',
      errors: [{ pointer: '/message_id', code: 'not_by_bob' }],
    });
    const other = await answered();
    expect((await rate({ message_id: other.messageId })).body.type).toBe('/problems/not-found');
    expect((await rate({ session_id: randomUUID() })).body.type).toBe('/problems/not-found');
    expect((await rate({ rating: 'sideways' })).body.type).toBe('/problems/invalid-body');
    expect((await rate({}, { origin: 'https://elsewhere.example' })).status).toBe(403);

    const name = `short-${randomUUID().slice(0, 6)}`;
    const call = { body: { session_id: name, message: 'mark:short', business_id: 'demo' } };
    const said = await callChat(product.url, call);
    const mine = { session_id: name, message_id: said.body['message_id'] };
    expect((await rate(mine)).body.type).toBe('/problems/session-proof-required');
    expect((await rate(mine, { 'x-session-token': said.body.session_token ?? '' })).status).toBe(200);
  });

  test('leaves the books in order', async () => {
    await expect.poll(brokenInvariants, { timeout: 20_000, interval: 500 }).toEqual([]);
  });
});
