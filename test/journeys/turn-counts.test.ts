import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { visitorOf } from '../fixtures/chat-caller.ts';
import { type CountingProxy, type RoundTrip, startCountingProxy } from '../fixtures/counting-proxy.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
beforeEach(() => stub.reset());
afterAll(() => stub.stop());

/** All a turn asks of PostgreSQL while its visitor waits, in order. */
const STEADY_TURN = [
  ['tenant, session and earlier acceptance', /^bob: select tenant\.id/],
  ['the promise: message, turn, key, events', /^bob: with session as \( update chat_session/],
  ['the lease, and all there is to know of the turn', /^bob: with claimed as \( update turn/],
  ['passages', /^bob: with asked as/],
  ['the hold', /^bob-reserve: with per as/],
  ['reply, settlement with its lines, calls, receipt, outcome, events', /^bob: with raised as \( update chat_session/],
] as const;
/** In another process the answer is read from its row. */
const AWAY_FROM_THE_WORKER = [['the answer', /^bob: select turn\.session_id.* turn\.state = 'closed'/]] as const;

describe.each(['shared', 'apart'] as const)('with API and worker %s', (line) => {
  let product: RunningProduct;
  let proxy: CountingProxy;
  beforeAll(async () => {
    const model = { url: stub.url, name: 'stub-0-0-8' };
    const through = async (url: string): Promise<CountingProxy> => {
      proxy = await startCountingProxy(url);
      return proxy;
    };
    product = await startProduct({ model, line, through });
  });
  afterAll(() => product.close());

  test('a turn is one call to the model', async () => {
    const visitor = visitorOf(product);
    for (let turn = 1; turn <= 4; turn += 1) {
      expect((await visitor.say(`mark:call-${turn}`)).body.outcome).toBe('answered');
      expect(stub.stats().calls).toBe(turn);
    }
  });

  const firstEvents = line === 'shared' ? 6 : 8;
  test(`a turn is 6 events of Temporal, the first one ${firstEvents}`, async () => {
    const visitor = visitorOf(product);
    const counts: number[] = [];
    for (let turn = 1; turn <= 4; turn += 1) {
      const { body } = await visitor.say(`mark:event-${turn}`);
      const { sessionId } = await turnRecord(product.knex, body.turn_id ?? '');
      // The visitor has the answer before the workflow does, so its last events are waited for.
      counts.push(await restingLength(product, `chat/${sessionId}`));
    }
    expect(counts).toEqual([0, 6, 12, 18].map((later) => firstEvents + later));
  });

  test(`a steady turn is ${line === 'shared' ? 6 : 7} round trips to PostgreSQL`, async () => {
    const visitor = visitorOf(product);
    const turns: RoundTrip[][] = [];
    for (let turn = 1; turn <= 12; turn += 1) {
      await quiet(product, proxy);
      const { body } = await visitor.say(`mark:trip-${turn}`);
      turns.push(proxy.take().filter(({ applicationName }) => applicationName !== 'bob-bell'));
      expect(body.outcome).toBe('answered');
    }
    // Loops of the worker ask in between, so the turn that nothing disturbed is the shortest one.
    const [steady = []] = turns.slice(1).toSorted((left, right) => left.length - right.length);
    const expected = line === 'shared' ? STEADY_TURN : [...STEADY_TURN, ...AWAY_FROM_THE_WORKER];
    expect(steady.map(wordsOf)).toEqual(expected.map(([, words]) => expect.stringMatching(words) as unknown));
    expect(steady).toHaveLength(line === 'shared' ? 6 : 7);
  });
});

async function restingLength(product: RunningProduct, workflowId: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const { events } = await product.temporal.workflow.getHandle(workflowId).fetchHistory();
      const last = events?.at(-1);
      expect(last?.workflowTaskScheduledEventAttributes ?? last?.workflowTaskStartedEventAttributes).toBeFalsy();
      return events?.length ?? 0;
    },
    { timeout: 10_000, interval: 50 },
  );
}

/** The last turn is sealed in the ledger, and nothing was asked for a while. */
async function quiet(product: RunningProduct, proxy: CountingProxy): Promise<void> {
  const patience = { timeout: 10_000, interval: 150 };
  await vi.waitFor(async () => expect(await countOf(product.knex, 'ledger_inbox', {})).toBe(0), patience);
  await vi.waitFor(() => expect(proxy.take()).toEqual([]), patience);
}

function wordsOf({ applicationName, sql }: RoundTrip): string {
  return `${applicationName}: ${sql.replaceAll(/\s+/g, ' ').trim()}`;
}
