import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { checkDatabase, checkSnapshot } from '../../bin/invariants/check-database.ts';
import type { Verdict } from '../../bin/invariants/invariant.ts';
import { snapshotOn } from '../../bin/invariants/open-snapshot.ts';
import { visitorOf } from '../fixtures/chat-caller.ts';
import { PLANTED_FAULTS } from '../fixtures/planted-invariant-faults.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { runBob } from '../fixtures/run-bob.ts';
import { subscribeReceiver, type Subscription } from '../fixtures/subscribe-receiver.ts';
import { superviseAs } from '../fixtures/supervisor.ts';

const QUESTIONS = ['What does the Pro plan cost?', 'What is the weather on Mars?', 'Thank you!'];

let model: Awaited<ReturnType<typeof startOfflineModel>>;
let product: RunningProduct;
let subscription: Subscription;
let client: pg.Client;

beforeAll(async () => {
  model = await startOfflineModel();
  product = await startProduct({ model: { url: model.url, name: 'bob-offline' }, keep: false });
  subscription = await subscribeReceiver({ apiUrl: product.url, ...ACCOUNTS.demo });
  for (const business of ['demo', 'demo', 'office16852-platform']) {
    const visitor = visitorOf(product, business);
    for (const question of QUESTIONS) expect(await visitor.say(question)).toMatchObject({ status: 200 });
  }
  await takeOverAndHandBack();
  const url = product.env.DATABASE_URL;
  await vi.waitFor(async () => expect(broken(await checkDatabase(url, { settled: true }))).toEqual([]), {
    timeout: 30_000,
    interval: 500,
  });
  // Nobody may repair or hold a lock on what is spoilt below.
  await product.stopApi();
  await product.stopWorker();
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await subscription.close();
  await product.close();
  await model.stop();
});

/** A conversation with all that a person leaves in one: takeover, reply, a message that waits, hand-back, answer. */
async function takeOverAndHandBack(): Promise<void> {
  const visitor = visitorOf(product, 'demo');
  const person = await superviseAs(product, ACCOUNTS.demo);
  await visitor.say('What does the Pro plan cost?');
  const { body } = await person.get(`/api/sessions?q=${visitor.sessionId}`);
  const [session] = body['data'] as { id: string }[];
  await person.act(session?.id ?? '', 'reply', { text: 'A person here.' });
  await visitor.say('Thank you!');
  expect(await person.act(session?.id ?? '', 'handback')).toMatchObject({ status: 200 });
}

function broken(verdicts: readonly Verdict[]): string[] {
  return verdicts.filter(({ faults }) => faults.length > 0).map(({ id }) => id);
}

/** What the checker says while the fault is there. */
async function verdictsOn(sql: readonly string[], settled: boolean): Promise<Verdict[]> {
  await client.query('begin');
  try {
    for (const statement of sql) await client.query(statement);
    return await checkSnapshot(await snapshotOn(client), { settled });
  } finally {
    await client.query('rollback');
  }
}

test('sound books are looked at whole', async () => {
  const verdicts = await verdictsOn([], true);
  expect(broken(verdicts)).toEqual([]);
  const counts = Object.fromEntries(verdicts.map(({ id, count }) => [id, count]));
  expect(counts).toMatchObject({ I1: 12, I2: 11, I3: 4, I4: 12, I5: 11, I7: 12, I8: 0 });
  expect(counts['I6']).toBeGreaterThan(27);
  expect(counts['I9']).toBeGreaterThan(20);
});

describe('a planted fault is found, and its row is named', () => {
  test.each(PLANTED_FAULTS)('$id: $what', async ({ id, says, sql, settled = false }) => {
    const verdicts = await verdictsOn(sql, settled);
    const faults = verdicts.find((verdict) => verdict.id === id)?.faults ?? [];
    expect(faults.map((fault) => fault.says)).toContainEqual(expect.stringContaining(says));
    expect(faults.find((fault) => fault.says.includes(says))?.rows.length).toBeGreaterThan(0);
  });

  test('for every invariant that rows can break', () => {
    const ids = new Set(PLANTED_FAULTS.map(({ id }) => id));
    expect([...ids].toSorted()).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9']);
  });
});

describe('as a command', () => {
  const check = (variables: Record<string, string>, ...more: string[]) =>
    runBob(['check-invariants', ...more], variables);

  test('it prints a line for each invariant and ends with 0', async () => {
    const { code, output } = await check({ DATABASE_URL: product.env.DATABASE_URL }, '--settled', '5');
    expect(output.match(/^I\d {2}ok .*$/gm)).toHaveLength(9);
    expect(code).toBe(0);
  });

  test('a broken invariant ends it with 1, and the row is in what it prints', async () => {
    await client.query('update chat_session set next_seq = next_seq + 1 where open_turns = 0');
    const { code, output } = await check({}, product.env.DATABASE_URL);
    await client.query('update chat_session set next_seq = next_seq - 1 where open_turns = 0');
    expect(output).toMatch(/I3 {2}BROKEN[^]*messages count from 1[^]*session_id "/);
    expect(code).toBe(1);
  });

  test.each([
    ['no database', { BOB_DATA_DIR: '/nonexistent' }, 'No database to check'],
    ['nobody listening', { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'cannot be reached'],
  ])('with %s it ends with 2 and a sentence', async (_name, variables, sentence) => {
    const { code, output } = await check(variables);
    expect(output).toContain(sentence);
    expect(code).toBe(2);
  });
});
