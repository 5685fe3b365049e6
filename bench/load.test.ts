import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LoadResult, runLoad } from './load.ts';
import { type LoadTarget, productTarget, stubTarget } from './load/load-target.ts';
import { quantile } from './load/statistics.ts';
import { startStubModel, type StubModel } from './stub-model.ts';
import { listenOnLoopback } from './wire/listen-on-loopback.ts';

let stub: StubModel;
let server: Server | null = null;
beforeAll(async () => {
  stub = await startStubModel();
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});
afterAll(() => stub.stop());

type Chat = (body: { message: string; turn: number; calls: number; token: string | undefined }) => {
  status?: number;
  body: object;
};

/** A chat that remembers, per session, how many messages it had. */
async function startChat(answer: Chat): Promise<LoadTarget> {
  const turns = new Map<string, string[]>();
  let calls = 0;
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => {
      const { session_id: id, message } = JSON.parse(text) as { session_id: string; message: string };
      const messages = [...new Set([...(turns.get(id) ?? []), message])];
      turns.set(id, messages);
      calls += 1;
      const token = request.headers['x-session-token'];
      const { status = 200, body } = answer({ message, turn: messages.length, calls, token: token?.toString() });
      response.writeHead(status, { 'server-timing': 'accept;dur=1.5, model;desc="m";dur=9' });
      response.end(JSON.stringify(body));
    });
  });
  const port = await listenOnLoopback(server, 0);
  return productTarget({ url: `http://127.0.0.1:${port}`, businessId: 'demo' });
}

function right(turn: number, message: string): object {
  const reply = `seen:${turn} mark:${message.split('mark:')[1]} ok`;
  return { outcome: 'answered', seq: 2 * turn, reply, session_token: turn === 1 ? 'proof' : undefined };
}

async function load(target: LoadTarget): Promise<LoadResult> {
  return runLoad({ target, concurrency: 2, turnsPerSession: 3, durationMs: 5000, turnMax: 12, runName: 'test' });
}

test('a load stops at its bound of turns, and each message is sent once', async () => {
  const result = await load(stubTarget({ url: stub.url, model: 'stub-0-0-8' }));
  expect(result).toMatchObject({ turns: 12, errorCount: 0, resends: 0 });
  expect(stub.stats()).toMatchObject({ calls: 12, repeatedMessages: 0 });
  expect(Math.max(...stub.stats().log.map((call) => call.userMessages))).toBe(3);
});

test('the first answer of a session gives the proof that later messages carry', async () => {
  const tokens: [number, string | undefined][] = [];
  const target = await startChat(({ message, turn, token }) => {
    tokens.push([turn, token]);
    return { body: right(turn, message) };
  });
  const result = await load(target);
  expect(result).toMatchObject({ turns: 12, errorCount: 0, serverTimingMs: { accept: 1.5, model: 9 } });
  expect(tokens.every(([turn, token]) => token === (turn === 1 ? undefined : 'proof'))).toBe(true);
});

test('an answer that is not there yet is asked for again with the same key', async () => {
  const target = await startChat(({ message, turn, calls }) =>
    calls % 2 === 1 ? { status: 202, body: { status: 'accepted' } } : { body: right(turn, message) },
  );
  const plan = { concurrency: 1, turnsPerSession: 2, durationMs: 5000, turnMax: 2, runName: 'again' };
  const result = await runLoad({ target, ...plan });
  expect(result).toMatchObject({ turns: 2, resends: 2, errorCount: 0 });
});

test.each([
  ['a lost message of the history', (turn: number, message: string) => right(Math.max(1, turn - 1), message)],
  ['a reply to another message', (turn: number) => right(turn, 'mark:other')],
  ['a number that skips', (turn: number, message: string) => ({ ...right(turn, message), seq: 2 * turn + 1 })],
  ['an outcome that is no answer', (turn: number, message: string) => ({ ...right(turn, message), outcome: 'failed' })],
  ['a reply without text', (turn: number, message: string) => ({ ...right(turn, message), reply: null })],
])('%s is an error', async (_what, body) => {
  const target = await startChat(({ message, turn }) => ({ body: body(turn, message) }));
  expect((await load(target)).errorCount).toBeGreaterThan(0);
});

test('a refusal is an error, and its body is shown', async () => {
  const target = await startChat(() => ({ status: 503, body: { title: 'away' } }));
  expect((await load(target)).errors[0]).toContain('status 503: {"title":"away"}');
});

test('a quantile is a number that was measured', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(quantile([], 0.5)).toBeNull();
});
