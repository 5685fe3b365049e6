import { afterAll, beforeAll, expect, test } from 'vitest';

import { fixedClock } from '#platform/clock.ts';

import { sendJson } from '../../test/fixtures/send-json.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const PAIRS = 40;
const ROUNDS_MAX = 3;
const RATIO_MAX = 1.1;
/** Below the number of wrong passwords that locks an account. */
const TRIES_PER_ACCOUNT = 8;

const HOUR_MS = 3_600_000;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

let database: FreshDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { clock });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/**
 * The processor time that an answer costs this process, in microseconds: neither way waits for anything but work, and
 * unlike the time on the wall that is the same whatever else the machine is at.
 */
async function costOf(path: string, email: string): Promise<number> {
  const before = process.cpuUsage();
  const { status } = await sendJson(`${api.url}${path}`, { body: { email, password: 'wrong password' } });
  const { user, system } = process.cpuUsage(before);
  // One that was locked would be answered without a look at the password.
  expect(status).toBe(401);
  return user + system;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** Pairs one after the other, each in the opposite order of the one before: what this process does beside hits both. */
async function ratioOf(path: string): Promise<number> {
  // An address may be wrong a hundred times in a quarter of an hour.
  clock.moveBy(HOUR_MS);
  const known: number[] = [];
  const unknown: number[] = [];
  let account = '';
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % TRIES_PER_ACCOUNT === 0) account = (await insertTenantUser(database.knex)).email;
    const stranger = `nobody-${account}`;
    const measure = [
      async () => void known.push(await costOf(path, account)),
      async () => void unknown.push(await costOf(path, stranger)),
    ];
    for (const one of pair % 2 === 0 ? measure : measure.toReversed()) await one();
  }
  const [slow, fast] = [Math.max(median(known), median(unknown)), Math.min(median(known), median(unknown))];
  return slow / fast;
}

test('a wrong password takes as long for a known account as for an unknown one', { timeout: 240_000 }, async () => {
  // A true difference shows in every round; what chance brings does not.
  const ratios: number[] = [];
  while (ratios.length < ROUNDS_MAX && Math.min(...ratios, Infinity) > RATIO_MAX) {
    ratios.push(await ratioOf('/api/customers/auth/login'));
  }
  expect(Math.min(...ratios)).toBeLessThanOrEqual(RATIO_MAX);
});
