import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { callChat, type ChatCall, type ChatReply, visitorOf } from '../fixtures/chat-caller.ts';
import { prepareProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';

/** Long enough to be stopped in the middle of, as real calls are. */
const MODEL = 'stub-1500-0-8';
const PATIENCE = { timeout: 60_000, interval: 25 };

interface Running extends BobProcess {
  url: string;
}

let stub: StubModel;
let parts: Awaited<ReturnType<typeof prepareProduct>>;
let apis: Running[] = [];
let workers: Running[] = [];
beforeAll(async () => {
  stub = await startStubModel();
  parts = await prepareProduct({ model: { url: stub.url, name: MODEL }, env: { OPENAI_API_KEY: 'stub' } });
  workers = await Promise.all([startWorker(), startWorker()]);
  apis = await Promise.all([startApi(), startApi()]);
});
beforeEach(() => stub.reset());
afterAll(async () => {
  for (const bob of [...apis, ...workers]) {
    bob.kill('SIGKILL');
    await bob.ended;
  }
  await parts.close();
  await stub.stop();
});

function variables(): Record<string, string> {
  const given = Object.entries(parts.env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

async function startWorker(): Promise<Running> {
  const bob = startBob('worker', { ...variables(), BOB_WORKER_HEALTH_PORT: '0' });
  await bob.printed('Worker: started');
  return { ...bob, url: urlIn(bob, 'Health') };
}

async function startApi(): Promise<Running> {
  const bob = startBob('api', variables());
  await bob.printed('API: http');
  return { ...bob, url: urlIn(bob, 'API') };
}

function urlIn(bob: BobProcess, name: string): string {
  const [, url = 'missing'] = new RegExp(`^${name}: (http://\\S+)$`, 'm').exec(bob.output()) ?? [];
  return url;
}

/**
 * As a proxy does it: what breaks before a byte came back goes to the other process, under the key it has. A process
 * that ends takes no connection any more, and one that still waited to be taken is cut off.
 */
async function callEither(from: number, call: ChatCall): Promise<ChatReply> {
  const headers = { 'idempotency-key': randomUUID(), connection: 'close' };
  const order = [...apis.slice(from % apis.length), ...apis.slice(0, from % apis.length)];
  for (const api of order) {
    const answered = await callChat(api.url, { ...call, headers }).catch((error: unknown) => {
      if (error instanceof TypeError && /ECONNREFUSED|ECONNRESET/.test(String(error.cause))) return null;
      throw error;
    });
    if (answered !== null) return answered;
  }
  throw new Error('no API takes connections');
}

const visitorCall = (sessionId: string, message: string) => ({
  body: { session_id: sessionId, message, business_id: 'demo' },
});

test('every process says that it is well', async () => {
  for (const api of apis) expect((await fetch(`${api.url}/api/health`)).status).toBe(200);
  for (const worker of workers) {
    expect((await fetch(`${worker.url}/live`)).status).toBe(200);
    const ready = await fetch(`${worker.url}/ready`);
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('"polling":{"state":"ok"}')]);
  }
});

test('a conversation goes on at the other API', async () => {
  const sessionId = randomUUID().replaceAll('-', '');
  for (const turn of [1, 2, 3]) {
    const { status, body } = await callChat(apis[turn % 2]?.url ?? '', visitorCall(sessionId, `mark:${turn}`));
    expect([status, body.reply]).toEqual([200, expect.stringContaining(`seen:${turn} mark:${turn}`)]);
  }
});

test('a worker tells its own figures: the turns it ended, and nothing that was forwarded', async () => {
  const answered = async (): Promise<number> => {
    const texts = await Promise.all(workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const counts = texts.map((text) => /^bob_turns_total\{outcome="answered"\} (\d+)$/m.exec(text)?.[1] ?? '0');
    return counts.reduce((sum, count) => sum + Number(count), 0);
  };
  const before = await countOf(parts.knex, 'turn', { outcome: 'answered' });
  // An answer is told before it is counted.
  await expect.poll(answered, PATIENCE).toBe(before);
  expect((await callChat(apis[0]?.url ?? '', visitorCall(randomUUID(), 'mark:counted'))).status).toBe(200);
  await expect.poll(answered, PATIENCE).toBe(before + 1);
  const headers = { 'x-forwarded-for': '127.0.0.1' };
  expect((await fetch(`${workers[0]?.url}/metrics`, { headers })).status).toBe(403);
});

test('an API streams an answer that is made in another process', async () => {
  const response = await fetch(`${apis[0]?.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(visitorCall(randomUUID(), 'mark:streamed').body),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text();
  expect(text).toMatch(/event: accepted[\s\S]*event: delta[\s\S]*event: done/);
  expect(text).toContain('seen:1 mark:streamed');
});

test('the same key at both APIs at once is one turn with one answer', async () => {
  const sessionId = randomUUID().replaceAll('-', '');
  const call = { ...visitorCall(sessionId, 'mark:same'), headers: { 'idempotency-key': randomUUID() } };
  const [one, other] = await Promise.all(apis.map((api) => callChat(api.url, call)));
  expect([one?.status, other?.status]).toEqual([200, 200]);
  const told = ({ turn_id, reply, seq, outcome }: ChatReply['body']) => ({ turn_id, reply, seq, outcome });
  expect(told(one?.body ?? {})).toEqual(told(other?.body ?? {}));
  expect(stub.stats().calls).toBe(1);
});

test('a worker that is told to stop finishes the call it is in, and who waits elsewhere is answered', async () => {
  const [stopped, kept] = workers;
  const waiting = Array.from({ length: 8 }, (_, index) => {
    return visitorOf({ url: apis[index % 2]?.url ?? '' }, 'demo').say(`mark:drain-${index}`);
  });
  await expect.poll(() => stub.stats().calls, PATIENCE).toBe(8);
  stopped?.kill('SIGTERM');
  expect(await stopped?.ended, stopped?.output()).toBe(0);
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status, body }) => [status, body.outcome])).toEqual(answers.map(() => [200, 'answered']));
  expect(stub.stats()).toMatchObject({ calls: 8, abortedCalls: 0, repeatedMessages: 0 });
  expect(kept?.isRunning()).toBe(true);
  workers = [await startWorker(), ...workers.slice(1)];
});

test('a worker and an API stopped under load fail no turn, and nobody has to send again', async () => {
  const sessions = Array.from({ length: 12 }, () => randomUUID().replaceAll('-', ''));
  let answered = 0;
  async function talk(sessionId: string, index: number): Promise<ChatReply['body'][]> {
    const bodies: ChatReply['body'][] = [];
    for (const turn of [1, 2, 3, 4]) {
      const { status, body } = await callEither(index + turn, visitorCall(sessionId, `mark:${sessionId}-${turn}`));
      expect([status, body.outcome, body.reply]).toEqual([200, 'answered', expect.stringContaining(`seen:${turn} `)]);
      bodies.push(body);
      answered += 1;
    }
    return bodies;
  }
  const talking = Promise.all(sessions.map(talk));
  await expect.poll(() => answered, PATIENCE).toBeGreaterThanOrEqual(12);
  const gone = [workers[0], apis[0]];
  for (const bob of gone) bob?.kill('SIGTERM');
  const bodies = (await talking).flat();
  for (const bob of gone) expect(await bob?.ended, bob?.output()).toBe(0);
  // A worker that stops takes no new task and finishes what it has begun, so nobody asks a model again. Only a process
  // that gets no time for the three seconds of a lease would lose a turn to the other one.
  expect(stub.stats()).toMatchObject({ calls: 48, abortedCalls: 0, repeatedMessages: 0 });
  const record = await turnRecord(parts.knex, bodies[0]?.turn_id ?? '');
  expect(record).toMatchObject({ outcome: 'answered', holds: ['settled'], replies: 1, receipts: 1 });
  expect(await countOf(parts.knex, 'turn', { problem: 'turn-timeout' })).toBe(0);
});
