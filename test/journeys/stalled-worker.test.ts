import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { toId } from '#domain/ids.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { startApi } from '../../bin/start-api.ts';
import { openAnswerLine } from '../../bin/answer-line.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { prepareProduct, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { type ChatStream, streamChat } from '../fixtures/sse-reader.ts';
import { triesOf, turnRecord } from '../fixtures/turn-record.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
/** Far more than it takes for each worker to get one. */
const TURNS_MAX = 32;

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
beforeEach(() => stub.reset());
afterAll(() => stub.stop());

const callsOf = (mark: string) => stub.stats().log.filter((call) => call.mark === mark);

interface Asked {
  mark: string;
  stream: ChatStream;
  turnId: string;
}

/** Asks, and waits until the model is at it. */
async function ask(url: string, mark: string): Promise<Asked> {
  const body = { session_id: randomUUID(), message: `mark:${mark}`, business_id: 'demo' };
  const stream = await streamChat(url, { body });
  await expect.poll(() => callsOf(mark).length, PATIENCE).toBe(1);
  return { mark, stream, turnId: String(stream.events[0]?.data['turn_id']) };
}

async function expectOneOutcome(product: Pick<RunningProduct, 'knex'>, { mark, stream, turnId }: Asked): Promise<void> {
  const done = await stream.ended;
  expect(done, mark).toMatchObject({ outcome: 'answered', reply: expect.stringContaining(`seen:1 mark:${mark}`) });
  expect(stream.screen(), mark).toBe(done?.['reply']);
  const record = await turnRecord(product.knex, turnId);
  expect(record, mark).toMatchObject({ outcome: 'answered', holds: ['settled'], replies: 1, receipts: 1 });
  const billed = record.lines.reduce((sum, line) => sum + (line.waived === null ? line.amountMillicredits : 0), 0);
  expect(record.chargedMillicredits, mark).toBe(billed);
  expect(
    record.calls.filter((end) => end === 'delivered'),
    mark,
  ).toHaveLength(1);
}

describe('a worker whose event loop stands still for 5 s in the middle of a call', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    product = await startProduct({ model: { url: stub.url, name: 'stub-1500-50-40' }, line: 'apart' });
  });
  afterAll(() => product.close());

  test('goes on where it was: its try was never dead, so nobody asks the model again', async () => {
    const asked = await Promise.all([ask(product.url, 'stalled-1'), ask(product.url, 'stalled-2')]);
    await expect.poll(() => asked.every(({ stream }) => stream.screen() !== ''), PATIENCE).toBe(true);
    standStill(5000);
    await Promise.all(asked.map((each) => expectOneOutcome(product, each)));
    for (const { mark } of asked) expect(callsOf(mark), mark).toMatchObject([{ ended: 'answered' }]);
    expect(asked.flatMap(({ stream }) => stream.events.filter(({ event }) => event === 'reset'))).toEqual([]);
  });
});

/** Nothing of this process runs meanwhile, but the threads of the Temporal SDK. */
function standStill(stillMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stillMs);
}

describe('a worker that is paused for 10 s beside a live one', () => {
  let parts: Awaited<ReturnType<typeof prepareProduct>>;
  let api: Awaited<ReturnType<typeof startApi>>;
  let workers: BobProcess[] = [];
  beforeAll(async () => {
    const model = { url: stub.url, name: 'stub-1500-50-80' };
    parts = await prepareProduct({ model, env: { OPENAI_API_KEY: 'stub', BOB_WORKER_HEALTH_PORT: '0' } });
    workers = [startWorker(), startWorker()];
    await Promise.all(workers.map((worker) => worker.printed('Worker: started')));
    api = await startApi(parts.env, { line: openAnswerLine() });
  });
  afterAll(async () => {
    await api.stop();
    for (const worker of workers) {
      worker.kill('SIGKILL');
      await worker.ended;
    }
    await parts.close();
  });

  function startWorker(): BobProcess {
    const given = Object.entries(parts.env).filter(([, value]) => value !== undefined);
    return startBob('worker', Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  }

  /** The turns that each worker is at. */
  async function held(asked: readonly Asked[]): Promise<Asked[][]> {
    const { rows } = await parts.knex.raw<{ rows: { id: string; lease_token: string }[] }>(
      `select turn.id, turn.lease_token from turn where turn.state = 'open'`,
    );
    const leases = new Map(rows.map((row) => [toId('trn', row.id) as string, row.lease_token]));
    return Object.values(Object.groupBy(asked, ({ turnId }) => leases.get(turnId) ?? 'none')).map(
      (turns) => turns ?? [],
    );
  }

  /** Which worker gets a turn is the server's to say: asked for until both have some. */
  async function askUntilBothHold(): Promise<Asked[]> {
    const asked: Asked[] = [];
    while (asked.length < TURNS_MAX && (await held(asked)).length < 2) {
      const marks = Array.from({ length: 8 }, (_, n) => `paused-${asked.length + n}`);
      asked.push(...(await Promise.all(marks.map((mark) => ask(api.url, mark)))));
    }
    return asked;
  }

  test('loses its turns to it: one outcome, one charge, the model asked again only for what was lost', async () => {
    const asked = await askUntilBothHold();
    await expect.poll(() => asked.every(({ stream }) => stream.screen() !== ''), PATIENCE).toBe(true);
    const heldBefore = await held(asked);
    expect(heldBefore, 'both workers have turns').toHaveLength(2);
    const [paused] = workers;
    if (paused === undefined) throw new Error('no worker runs');
    process.kill(paused.pid, 'SIGSTOP');
    try {
      await sleep(10_000);
      await Promise.all(asked.map(({ stream }) => stream.ended));
    } finally {
      process.kill(paused.pid, 'SIGCONT');
    }
    // What the paused one says when it wakes comes too late, for each of its turns.
    await expect.poll(() => stub.stats().runningCalls, PATIENCE).toBe(0);
    await Promise.all(asked.map((each) => expectOneOutcome(parts, each)));
    // The turns of one worker were lost, all of them. One of the other is tried again only where that one got no time
    // for the three seconds of a lease either.
    const tries = heldBefore.map((turns) => Promise.all(turns.map(({ turnId }) => triesOf(parts.knex, turnId))));
    const lost = (await Promise.all(tries)).filter((each) => each.every((times) => times > 1));
    expect(lost.length).toBeGreaterThanOrEqual(1);
    for (const { mark, turnId, stream } of asked) {
      const times = await triesOf(parts.knex, turnId);
      // A try that lost its turn before it came to the model has not asked it.
      expect(callsOf(mark).length, mark).toBeLessThanOrEqual(times);
      const resets = stream.events.filter(({ event }) => event === 'reset').length;
      expect(resets, mark).toBeLessThan(times);
      expect(resets > 0, mark).toBe(times > 1);
    }
  });
});
