import { afterAll, beforeAll, expect, it } from 'vitest';

import type { TurnId } from '#domain/ids.ts';
import { toUuid } from '#domain/ids.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { fixedPolicy } from '../limits/policy-reader.ts';
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
  turnsInFlight = startProcess();
});
afterAll(() => database.drop());

function startProcess(): TurnsInFlight {
  const policy = fixedPolicy({ ...firstOperatorPolicy({ rateFactor: 1 }), turnsInFlightPerTenant: LIMIT });
  return createTurnsInFlight({ knex: database.knex, clock: { now: () => new Date(nowMs) }, policy });
}

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

/** Entered and left again, without a message. */
async function tryToEnter(from: TurnsInFlight = turnsInFlight): Promise<void> {
  const place = await from.enter(tenant.tenantId);
  place.settle();
  place.forget();
}

it('a tenant has as many turns in flight as the policy says, and one more when one has ended', async () => {
  await accept(LIMIT);
  nowMs += 100;
  await expect(tryToEnter()).rejects.toMatchObject(REFUSED);
  await end(1);
  nowMs += 100;
  await tryToEnter();
});

it('a process that has only just started knows of what others have accepted', async () => {
  await accept(1);
  nowMs += 100;
  const started = startProcess();
  // Nothing is known yet: that is for whoever looks the tenant up.
  await started.refuseFull(tenant.tenantId);
  await expect(tryToEnter(started)).rejects.toMatchObject(REFUSED);
  await expect(started.refuseFull(tenant.tenantId)).rejects.toMatchObject(REFUSED);
});

it('of all who wait for one count no more are let in than there is room for', async () => {
  await end(2);
  nowMs += 100;
  const asked = Array.from({ length: 10 }, () => turnsInFlight.enter(tenant.tenantId));
  const places = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
  expect(places).toHaveLength(LIMIT - accepted.length);
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
