import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { BusinessMetrics, Overview } from '#contract/analytics.ts';
import { toUuid, type SessionId, type TenantId } from '#domain/ids.ts';
import { fixedClock } from '#platform/clock.ts';
import { newUuid } from '#platform/new-id.ts';

import { buildChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { insertPastTurn, uuidAt } from '../../test/fixtures/report-rows.ts';
import { callerWith, problemOf, signInUser, tokenOf, type Call } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const NOW = new Date('2026-06-30T12:00:00.000Z');
const OVERVIEW = '/api/analytics/overview';

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;
const clock = fixedClock(NOW);

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex, { clock });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

interface Reporting {
  tenantId: TenantId;
  like: SessionId;
  call: Call;
}

/** Its one real session began when the fixture says, long before any day asked for here. */
async function reportingTenant(): Promise<Reporting> {
  const { tenantId, say } = await buildChattingTenant(knex, `reports-${newUuid().slice(-8)}`);
  const { sessionId: like } = await say('Hello', null);
  const { email } = await insertTenantUser(knex, { role: 'viewer', of: tenantId });
  return { tenantId, like, call: callerWith(api.url, await tokenOf(api.url, { email })) };
}

async function overview(call: Call, query = ''): Promise<Overview> {
  const answer = await call('GET', `${OVERVIEW}${query}`);
  expect(answer.status).toBe(200);
  return Overview.parse(await answer.json());
}

describe('a tenant’s overview', () => {
  test('counts sessions, outcomes, response times and credits by day, and days without anything', async () => {
    const { call, ...mine } = await reportingTenant();
    const noon = (day: number) => new Date(`2026-06-${day}T12:00:00Z`);
    await insertPastTurn(knex, {
      ...mine,
      at: noon(10),
      outcome: 'answered',
      waitedMs: 1000,
      chargedMillicredits: 795,
    });
    await insertPastTurn(knex, {
      ...mine,
      at: noon(10),
      outcome: 'answered',
      waitedMs: 3000,
      chargedMillicredits: 205,
    });
    await insertPastTurn(knex, { ...mine, at: noon(12), outcome: 'failed', waitedMs: 2000 });
    await insertPastTurn(knex, { ...mine, at: noon(12), outcome: null });
    const { totals, by_day: days, ...range } = await overview(call, '?from=2026-06-10&to=2026-06-12');
    expect(range).toEqual({ from: '2026-06-10', to: '2026-06-12', time_zone: 'UTC' });
    expect(days.map(({ day, sessions, turns, credits }) => [day, sessions, turns, credits])).toEqual([
      ['2026-06-10', 2, 2, '1.000'],
      ['2026-06-11', 0, 0, '0.000'],
      ['2026-06-12', 2, 2, '0.000'],
    ]);
    expect(days.map((day) => day.response_time)).toEqual([
      { p50_ms: 2000, p95_ms: 2900 },
      { p50_ms: null, p95_ms: null },
      { p50_ms: 2000, p95_ms: 2000 },
    ]);
    expect(totals).toMatchObject({ sessions: 4, turns: 4, credits: '1.000', handoffs: 0 });
    expect(totals.outcomes).toMatchObject({ answered: 2, failed: 1, blocked: 0 });
    expect(totals.response_time.p50_ms).toBe(2000);
  });

  test('days begin and end by the tenant’s clock, whatever summer time does', async () => {
    const { call, ...mine } = await reportingTenant();
    await knex('tenant').where({ id: mine.tenantId }).update({ time_zone: 'Europe/Madrid' });
    // Clocks went forward at 01:00 UTC: this day has 23 hours.
    const edges = [
      '2026-03-28T22:59:59.999Z',
      '2026-03-28T23:00:00Z',
      '2026-03-29T21:59:59.999Z',
      '2026-03-29T22:00:00Z',
    ];
    for (const at of edges) await insertPastTurn(knex, { ...mine, at: new Date(at), outcome: 'answered' });
    const { by_day: days } = await overview(call, '?from=2026-03-28&to=2026-03-30');
    expect(days.map(({ turns }) => turns)).toEqual([1, 2, 1]);
  });

  test('hand-offs count on the day they began', async () => {
    const { call, tenantId, like } = await reportingTenant();
    const at = new Date('2026-06-15T08:00:00Z');
    await knex('handoff').insert({
      tenant_id: tenantId,
      id: uuidAt(at),
      session_id: toUuid(like),
      category: 'customer_request',
      state: 'requested',
      owner_epoch: 1,
      created_at: at,
    });
    expect((await overview(call)).by_day.filter(({ handoffs }) => handoffs > 0)).toMatchObject([{ day: '2026-06-15' }]);
  });

  test('without days it tells of the last thirty; nothing of another tenant is in it', async () => {
    const theirs = await reportingTenant();
    await insertPastTurn(knex, { ...theirs, at: new Date('2026-06-29T12:00:00Z'), outcome: 'answered' });
    const { call } = await reportingTenant();
    const { from, to, by_day: days, totals } = await overview(call);
    expect([from, to, days.length, totals.turns]).toEqual(['2026-06-01', '2026-06-30', 30, 0]);
    expect((await overview(theirs.call)).totals.turns).toBe(1);
  });

  test.each(['?from=2026-06-30&to=2026-06-29', '?from=2026-01-01', '?from=junk', '?to=2026-02-30', '?from=0000-01-01'])(
    'days that cannot be are refused: %s',
    async (query) => {
      const { call } = await signInUser({ url: api.url, knex });
      expect(await problemOf(await call('GET', `${OVERVIEW}${query}`))).toBe('422 invalid-query');
    },
  );
});

describe('the operator’s figures', () => {
  test('count all tenants over the last day, and who is active now', async () => {
    const { call } = await signInUser({ url: api.url, knex }, { realm: 'operator', role: 'support' });
    const before = BusinessMetrics.parse(await (await call('GET', '/api/metrics/business')).json());
    const [one, two] = [await reportingTenant(), await reportingTenant()];
    await knex('tenant').where({ id: two.tenantId }).update({ status: 'suspended' });
    const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
    await insertPastTurn(knex, { ...one, at: ago(1), outcome: 'answered', chargedMillicredits: 1500 });
    await insertPastTurn(knex, { ...two, at: ago(23 * 60), outcome: 'failed' });
    await insertPastTurn(knex, { ...two, at: ago(25 * 60), outcome: 'answered', chargedMillicredits: 99 });
    const after = BusinessMetrics.parse(await (await call('GET', '/api/metrics/business')).json());
    expect(after.at).toBe(NOW.toISOString());
    expect(after.tenants.suspended - before.tenants.suspended).toBe(1);
    expect(after.sessions.active - before.sessions.active).toBe(1);
    expect(after.last_24_hours.turns - before.last_24_hours.turns).toBe(2);
    expect(Number(after.last_24_hours.credits) - Number(before.last_24_hours.credits)).toBe(1.5);
    expect(after.last_24_hours.failures.turns - before.last_24_hours.failures.turns).toBe(1);
  });

  test('count deliveries of the last day by what became of them', async () => {
    const { call } = await signInUser({ url: api.url, knex }, { realm: 'operator', role: 'admin' });
    const { tenantId } = await reportingTenant();
    const endpointId = newUuid();
    await knex('webhook_endpoint').insert({
      tenant_id: tenantId,
      id: endpointId,
      url: 'https://x.example',
      created_at: NOW,
    });
    for (const [state, hours] of [
      ['delivered', 1],
      ['exhausted', 2],
      ['pending', 3],
      ['exhausted', 30],
    ] as const) {
      const at = new Date(NOW.getTime() - hours * 3_600_000);
      const id = uuidAt(at);
      const event = { tenant_id: tenantId, id, type: 'turn.completed', body: '{}', dedupe_key: id, created_at: at };
      const [told] = await knex('webhook_event').insert(event).returning<{ no: string }[]>('no');
      await knex('webhook_delivery').insert({
        tenant_id: tenantId,
        event_no: told?.no,
        endpoint_id: endpointId,
        next_at: at,
        state,
        trigger: 'auto',
        created_at: at,
      });
    }
    const { last_24_hours: day } = BusinessMetrics.parse(await (await call('GET', '/api/metrics/business')).json());
    expect(day.deliveries).toEqual({ delivered: 1, pending: 1, exhausted: 1, cancelled: 0 });
    expect(day.failures.deliveries).toBe(1);
  });

  test('are not for tenants', async () => {
    const { call } = await signInUser({ url: api.url, knex });
    expect(await problemOf(await call('GET', '/api/metrics/business'))).toBe('403 forbidden');
  });
});
