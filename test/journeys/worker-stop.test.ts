import { afterAll, beforeAll, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { callChat } from '../fixtures/chat-caller.ts';
import { prepareProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';

const PATIENCE = { timeout: 60_000, interval: 25 };

let stub: StubModel;
let parts: Awaited<ReturnType<typeof prepareProduct>>;
const started: BobProcess[] = [];
beforeAll(async () => {
  stub = await startStubModel();
  const model = { url: stub.url, name: 'stub-20-0-8' };
  parts = await prepareProduct({
    model,
    env: { OPENAI_API_KEY: 'stub', LOG_LEVEL: 'warn', BOB_TURN_GRACE_MS: '1000' },
  });
});
afterAll(async () => {
  for (const bob of started) {
    bob.kill('SIGKILL');
    await bob.ended;
  }
  await parts.close();
  await stub.stop();
});

async function start(command: 'api' | 'worker', ready: string): Promise<BobProcess> {
  const given = Object.entries(parts.env).filter(([, value]) => value !== undefined);
  const bob = startBob(command, Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  started.push(bob);
  await bob.printed(ready);
  return bob;
}

test('a worker that is told to stop leaves a turn that hangs to another one when its grace is over', async () => {
  const stopped = await start('worker', 'Worker: started');
  const api = await start('api', 'API: http');
  const [, url = ''] = /^API: (http:\S+)$/m.exec(api.output()) ?? [];
  const body = { session_id: 'the-worker-stops', message: 'mark:hangs !!hangx1', business_id: 'demo' };
  const asked = { body, headers: { 'idempotency-key': 'the-worker-stops' } };
  const waiting = callChat(url, asked).catch(() => null);
  await expect.poll(() => stub.stats().calls, PATIENCE).toBe(1);
  stopped.kill('SIGTERM');
  expect(await stopped.ended, stopped.output()).toBe(0);
  expect(stopped.output()).toContain('turns are left to other workers');
  expect(await countOf(parts.knex, 'turn', { state: 'done' })).toBe(0);
  await start('worker', 'Worker: started');
  await waiting;
  // Who had to wait too long for that is told to ask again with the same key.
  await expect.poll(async () => (await callChat(url, asked)).body.outcome, PATIENCE).toBe('answered');
  const { body: answer } = await callChat(url, asked);
  expect(await turnRecord(parts.knex, answer.turn_id ?? '')).toMatchObject({ outcome: 'answered', replies: 1 });
  expect(stub.stats().calls).toBe(2);
});
