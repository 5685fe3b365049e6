import type { Knex } from 'knex';

import { daysOf, type DayRange } from '#domain/day-range.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Outcome } from '#domain/turn.ts';

import { outcomeCounts, readOutcomeCounts } from './outcome-counts.ts';
import { idFrom } from './rows-by-time.ts';

export interface DayFigures {
  sessions: number;
  turns: number;
  outcomes: Record<Outcome, number>;
  handoffs: number;
  responseMs: { p50: number | null; p95: number | null };
  chargedMillicredits: bigint;
}

export interface AnalyticsOverview {
  totals: DayFigures;
  byDay: (DayFigures & { day: string })[];
}

export interface OverviewOf extends DayRange {
  timeZone: string;
}

/** A tenant's figures by the days of its own calendar; days on which nothing happened are there, with zeros. */
export async function readAnalyticsOverview(
  knex: Knex,
  tenantId: TenantId,
  range: OverviewOf,
): Promise<AnalyticsOverview> {
  const bindings = { tenantId, ...range };
  const [turns, sessions, handoffs] = await Promise.all([
    knex.raw<{ rows: TurnRow[] }>(TURNS, bindings),
    knex.raw<{ rows: CountRow[] }>(countSql('chat_session'), bindings),
    knex.raw<{ rows: CountRow[] }>(countSql('handoff'), bindings),
  ]);
  const figuresOf = (day: string | null): DayFigures => ({
    ...readTurns(turns.rows.find((row) => row.day === day)),
    sessions: countOf(sessions.rows, day),
    handoffs: countOf(handoffs.rows, day),
  });
  return { totals: figuresOf(null), byDay: daysOf(range).map((day) => ({ day, ...figuresOf(day) })) };
}

/** The row without a day is the sum of all. */
interface CountRow {
  day: string | null;
  count: number;
}

interface TurnRow extends CountRow, Record<Outcome, number> {
  charged_mc: string;
  p50_ms: number | null;
  p95_ms: number | null;
}

const STRETCH = `
  with named as (
    select cast(cast(:from as date) as timestamp) at time zone :timeZone as starts_at,
      cast(cast(:to as date) + 1 as timestamp) at time zone :timeZone as ends_at
  ), stretch as (
    select named.starts_at, named.ends_at, ${idFrom('named.starts_at', 'before')} as first_id,
      ${idFrom('named.ends_at', 'after')} as last_id
    from named
  )`;

function within(table: string, column: string): string {
  return `${table}.tenant_id = :tenantId
    and ${table}.id >= (select stretch.first_id from stretch) and ${table}.id < (select stretch.last_id from stretch)
    and ${table}.${column} >= (select stretch.starts_at from stretch)
    and ${table}.${column} < (select stretch.ends_at from stretch)`;
}

function countSql(table: 'chat_session' | 'handoff'): string {
  return `${STRETCH},
    counted as (select cast(${table}.created_at at time zone :timeZone as date) as day from ${table}
      where ${within(table, 'created_at')})
    select to_char(counted.day, 'YYYY-MM-DD') as day, count(*)::integer as count
    from counted group by grouping sets ((counted.day), ())`;
}

const REPLIED = `counted.reply_seq is not null and counted.closed_at is not null`;
// In milliseconds, and never more than an integer holds.
const WAITED_MS = `least(extract(epoch from counted.closed_at - counted.accepted_at) * 1000, 2147483647)`;

const OUTCOME_COUNTS = outcomeCounts('counted.outcome');

const TURNS = `${STRETCH},
  counted as (
    select cast(turn.accepted_at at time zone :timeZone as date) as day, turn.outcome, turn.charged_mc, turn.reply_seq,
      turn.accepted_at, turn.closed_at
    from turn where ${within('turn', 'accepted_at')}
  )
  select to_char(counted.day, 'YYYY-MM-DD') as day, count(*)::integer as count,
    ${OUTCOME_COUNTS},
    coalesce(sum(counted.charged_mc), 0)::text as charged_mc,
    round(percentile_cont(0.5) within group (order by ${WAITED_MS}) filter (where ${REPLIED}))::integer as p50_ms,
    round(percentile_cont(0.95) within group (order by ${WAITED_MS}) filter (where ${REPLIED}))::integer as p95_ms
  from counted group by grouping sets ((counted.day), ())`;

function countOf(rows: readonly CountRow[], day: string | null): number {
  return rows.find((row) => row.day === day)?.count ?? 0;
}

function readTurns(row: TurnRow | undefined): Omit<DayFigures, 'sessions' | 'handoffs'> {
  return {
    turns: row?.count ?? 0,
    outcomes: readOutcomeCounts(row),
    responseMs: { p50: row?.p50_ms ?? null, p95: row?.p95_ms ?? null },
    chargedMillicredits: BigInt(row?.charged_mc ?? 0),
  };
}
