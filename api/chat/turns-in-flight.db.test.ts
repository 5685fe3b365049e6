import { afterAll, beforeAll, expect, it } from 'vitest';

import type { TurnId } from '#domain/ids.ts';
import { toUuid } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createTurnsInFlight, type TurnsInFlight } from './turns-in-flight.ts';

const LIMIT = 20;
const REFUSED = { slug: 'rate-limited', status: 429, headers: { 'Retry-After': '1' } };

let database: FreshDatabase;
let tenant: ChattingTenant;
let turnsInFlight: TurnsInFlight;
let nowMs = CHATTING_AT.getTime();
let visitors = 0;
const accepted: TurnId[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  const { knex } = database;
  tenant = await buildChattingTenant(knex, 'flooding');
  await knex.raw(
    `insert into policy_set (tenant_id, layer, version, document, hash, created_at)
     values (?, 'operator', 1, ?, 'hash', ?)`,
    [tenant.tenantId, JSON.stringify({ turnsInFlightPerTenant: LIMIT }), CHATTING_AT],
  );
  turnsInFlight = createTurnsInFlight({ knex, clock: { now: () => new Date(nowMs) } });
});
afterAll(() => database.drop());

async function accept(count: number): Promise<void> {
  for (let said = 0; said < count; said += 1) {
    visitors += 1;
    const visitor = `visitor-${visitors}`;
    accepted.push((await tenant.say(`hello from ${visitor}`, null, visitor)).turnId);
  }
}

async function end(count: number): Promise<void> {
  const ids = accepted.splice(0, count).map(toUuid);
  await database.knex.raw(
    `update turn set state = 'closed', outcome = 'failed', closed_at = accepted_at where id = any(?)`,
    [ids],
  );
}

/** Entered and left again, as if its message was not accepted. */
async function tryToEnter(): Promise<void> {
  const leave = await turnsInFlight.enter(tenant.tenantId);
  leave();
}

it('a tenant has as many turns in flight as the policy says, and one more when one has ended', async () => {
  await accept(LIMIT);
  nowMs += 100;
  // The first one asks the database beside it: until then nothing is known.
  await tryToEnter();
  await expect.poll(() => tryToEnter().then(() => null, asIs)).toMatchObject(REFUSED);
  await end(1);
  nowMs += 100;
  await tryToEnter();
});

it('who goes on flooding while its turns wait is given less, and all of it again once it is calm', async () => {
  await accept(1);
  nowMs += 1000;
  await expect(tryToEnter()).rejects.toMatchObject(REFUSED);
  nowMs += 300;
  await expect(tryToEnter()).rejects.toMatchObject(REFUSED);
  // 16 are left, 14 is the share now.
  await end(4);
  nowMs += 50;
  await expect(tryToEnter()).rejects.toMatchObject(REFUSED);
  nowMs += 6000;
  await tryToEnter();
});

it('a process that accepts too many messages at a time says so, and goes on when they are through', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const inside = Array.from({ length: 400 }, () => turnsInFlight.atDoor(() => gate));
  await expect(turnsInFlight.atDoor(() => gate)).rejects.toMatchObject({
    slug: 'unavailable',
    status: 503,
    headers: { 'Retry-After': '1' },
  });
  open();
  await Promise.all(inside);
  expect(await turnsInFlight.atDoor(() => Promise.resolve('through'))).toBe('through');
});

function asIs(error: unknown): unknown {
  return error;
}
