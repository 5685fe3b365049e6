import type { Knex } from 'knex';

import type { Outcome } from '#domain/turn.ts';

import { outcomeCounts, readOutcomeCounts } from './outcome-counts.ts';
import { idFrom } from './rows-by-time.ts';

export interface BusinessMetrics {
  tenants: { active: number; suspended: number };
  /** With a message since the given moment. */
  activeSessions: number;
  unfinishedTurns: number;
  /** Of the last 24 hours. */
  sessions: number;
  turns: number;
  outcomes: Record<Outcome, number>;
  chargedMillicredits: bigint;
  deliveries: { delivered: number; pending: number; exhausted: number; cancelled: number };
}

interface MetricsRow extends Record<Outcome, number> {
  active: number;
  suspended: number;
  active_sessions: number;
  unfinished: number;
  sessions: number;
  turns: number;
  charged_mc: string;
  delivered: number;
  pending: number;
  exhausted: number;
  cancelled: number;
}

/** The installation's figures. Each tenant's last day is found by its primary keys, so old rows cost nothing. */
export async function readBusinessMetrics(
  knex: Knex,
  { at, activeSince }: { at: Date; activeSince: Date },
): Promise<BusinessMetrics> {
  const { rows } = await knex.raw<{ rows: MetricsRow[] }>(METRICS, { at, activeSince });
  const [row] = rows;
  if (row === undefined) throw new Error('the figures of no tenant are no row');
  return {
    tenants: { active: row.active, suspended: row.suspended },
    activeSessions: row.active_sessions,
    unfinishedTurns: row.unfinished,
    sessions: row.sessions,
    turns: row.turns,
    outcomes: readOutcomeCounts(row),
    chargedMillicredits: BigInt(row.charged_mc),
    deliveries: {
      delivered: row.delivered,
      pending: row.pending,
      exhausted: row.exhausted,
      cancelled: row.cancelled,
    },
  };
}

const METRICS = `
  with moment as (
    select cast(:at as timestamptz) - interval '24 hours' as day_ago,
      cast(:activeSince as timestamptz) as active_since
  ), since as (
    select moment.day_ago, moment.active_since, ${idFrom('moment.day_ago', 'before')} as first_id from moment
  ), turns as (
    select turn.outcome, turn.charged_mc, turn.session_id, turn.tenant_id, turn.accepted_at
    from since cross join tenant
    join turn on turn.tenant_id = tenant.id and turn.id >= since.first_id and turn.accepted_at >= since.day_ago
  ), told as (
    select webhook_delivery.state
    from since cross join tenant
    join webhook_event on webhook_event.tenant_id = tenant.id and webhook_event.id >= since.first_id
      and webhook_event.created_at >= since.day_ago
    join webhook_delivery on webhook_delivery.tenant_id = webhook_event.tenant_id
      and webhook_delivery.event_no = webhook_event.no
  ), of_turns as (
    select count(*)::integer as turns, coalesce(sum(turns.charged_mc), 0)::text as charged_mc,
      (count(distinct (turns.tenant_id, turns.session_id)) filter
        (where turns.accepted_at >= (select since.active_since from since)))::integer as active_sessions,
      ${outcomeCounts('turns.outcome')}
    from turns
  ), of_deliveries as (
    select (count(*) filter (where told.state = 'delivered'))::integer as delivered,
      (count(*) filter (where told.state in ('pending', 'leased')))::integer as pending,
      (count(*) filter (where told.state = 'exhausted'))::integer as exhausted,
      (count(*) filter (where told.state = 'cancelled'))::integer as cancelled
    from told
  ), of_tenants as (
    select (count(*) filter (where tenant.status = 'active'))::integer as active,
      (count(*) filter (where tenant.status = 'suspended'))::integer as suspended
    from tenant
  )
  select of_tenants.active, of_tenants.suspended, of_turns.turns, of_turns.charged_mc, of_turns.active_sessions,
    of_turns.answered, of_turns.refused, of_turns.blocked, of_turns.escalated, of_turns.credit_stopped,
    of_turns.suppressed_by_human, of_turns.superseded, of_turns.failed,
    of_deliveries.delivered, of_deliveries.pending, of_deliveries.exhausted, of_deliveries.cancelled,
    (select count(*)::integer from turn where turn.state <> 'closed') as unfinished,
    (select count(*)::integer from since cross join tenant
      join chat_session on chat_session.tenant_id = tenant.id and chat_session.id >= since.first_id
        and chat_session.created_at >= since.day_ago) as sessions
  from of_turns cross join of_deliveries cross join of_tenants`;
