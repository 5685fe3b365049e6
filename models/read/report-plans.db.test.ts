import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid, type TenantId } from '#domain/ids.ts';

import { buildChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { readAnalyticsOverview } from './analytics-overview.ts';
import { readBusinessMetrics } from './business-metrics.ts';
import { listTenants } from './tenant-list.ts';

const DAYS = 200;
const TURNS_A_DAY = 60;

let database: FreshDatabase;
let knex: Knex;
let tenantId: TenantId;

/** Two tenants with sessions, turns and events of most of a year, one after the other, with ids of their time. */
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  for (const name of ['busy', 'quiet']) {
    const tenant = await buildChattingTenant(knex, name);
    const { sessionId } = await tenant.say('Hello', null);
    await knex.raw(FILL, { tenantId: tenant.tenantId, like: toUuid(sessionId), rows: DAYS * TURNS_A_DAY });
    tenantId = tenant.tenantId;
  }
  await knex.raw('analyze');
}, 60_000);
afterAll(() => database.drop());

const FILL = `
  with made as (
    select n, timestamptz '2026-06-30' - n * interval '${(24 * 60) / TURNS_A_DAY} minutes' as at
    from generate_series(1, cast(:rows as integer)) as n
  ), named as (
    select made.n, made.at, cast(lpad(to_hex(cast(extract(epoch from made.at) * 1000 as bigint)), 12, '0') || '7000'
      || lpad(to_hex(made.n), 16, '8') as uuid) as id from made
  ), session as (
    insert into chat_session (tenant_id, id, channel, client_id_hash, persona_version_id, language, owner_since,
      created_at, last_at)
    select tenant_id, named.id, channel, named.id::text, persona_version_id, language, named.at, named.at, named.at
    from chat_session cross join named where tenant_id = :tenantId and chat_session.id = :like
    returning tenant_id, id, created_at
  ), told as (
    insert into webhook_event (tenant_id, id, type, session_id, seq, body, dedupe_key, created_at)
    select tenant_id, id, 'turn.completed', id, 1, '{}', id::text, created_at from session
  )
  insert into turn (tenant_id, id, session_id, message_seq, state, outcome, reply_seq, charged_mc, accepted_at,
    closed_at)
  select tenant_id, id, id, 1, 'closed', 'answered', 2, 795, created_at, created_at + interval '1 second' from session`;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  'Actual Loops': number;
  Plans?: Plan[];
}

const BIG = new Set(['turn', 'chat_session', 'webhook_event']);

/** What each statement of a report really read of the big tables: how, and how many rows. */
async function readsOf(run: () => Promise<unknown>): Promise<{ how: string; rows: number }[]> {
  const asked: { sql: string; bindings: readonly Knex.RawBinding[] }[] = [];
  const note = (query: (typeof asked)[number]) => asked.push(query);
  knex.on('query', note);
  await run();
  knex.removeListener('query', note);
  const reads: { how: string; rows: number }[] = [];
  for (const { sql, bindings } of asked) {
    const numbered = sql.replaceAll(/\$\d+/g, '?');
    const { rows } = await knex.raw<{ rows: { 'QUERY PLAN': { Plan: Plan }[] }[] }>(
      `explain (analyze, format json) ${numbered}`,
      [...bindings],
    );
    for (const { Plan: plan } of rows[0]?.['QUERY PLAN'] ?? []) collect(plan, reads);
  }
  return reads;
}

function collect(plan: Plan, reads: { how: string; rows: number }[]): void {
  const relation = plan['Relation Name'];
  if (relation !== undefined && BIG.has(relation)) {
    const read = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
    reads.push({ how: `${plan['Node Type']} of ${relation}`, rows: read * plan['Actual Loops'] });
  }
  for (const child of plan.Plans ?? []) collect(child, reads);
}

test('a report of a week reads the rows of that week, not of the year', async () => {
  const range = { from: '2026-06-01', to: '2026-06-07', timeZone: 'Europe/Madrid' };
  const reads = await readsOf(() => readAnalyticsOverview(knex, tenantId, range));
  expect(reads.length).toBeGreaterThan(0);
  for (const { how, rows } of reads) {
    expect(how).toMatch(/^(Index|Bitmap)/);
    expect(rows).toBeLessThan(8 * TURNS_A_DAY);
  }
});

test('the operator’s figures of a day read that day of each tenant', async () => {
  const at = new Date('2026-06-29T12:00:00Z');
  const reads = await readsOf(() => readBusinessMetrics(knex, { at, activeSince: at }));
  expect(reads.length).toBeGreaterThan(0);
  for (const { how, rows } of reads) {
    expect(how).toMatch(/^(Index|Bitmap)/);
    expect(rows).toBeLessThan(2 * 3 * TURNS_A_DAY);
  }
});

test('a tenant’s conversations are counted up to a bound', async () => {
  const filter = { q: null, status: null, planKey: null, before: null, limit: 20 };
  const counts = (await listTenants(knex, filter)).map(({ sessions }) => sessions);
  expect(counts).toEqual([10_000, 10_000]);
});
