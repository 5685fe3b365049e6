import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { LaneHealth } from '#domain/webhooks/lane-health.ts';
import type { LaneRef, SliceRest } from '#domain/webhooks/lane-messages.ts';

export interface OpenedSlice {
  health: LaneHealth;
  maxConcurrency: number;
}

interface LaneRow {
  breaker: LaneHealth['breaker'];
  probe_in_ms: number | null;
  park_ms: number | null;
  concurrency: number;
  consecutive_failures: number;
  max_concurrency: number;
}

/**
 * Takes the lane under a fresh token. Whoever held it before loses it here: rows it had leased are pending again, and
 * what it still records will not count. Null = the endpoint is gone.
 */
export async function openSlice(knex: Knex, lane: LaneRef, token: string): Promise<OpenedSlice | null> {
  const { rows } = await knex.raw<{ rows: LaneRow[] }>(OPEN, { ...keyOf(lane), token });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    health: {
      breaker: row.breaker,
      probeInMs: row.probe_in_ms,
      parkMs: row.park_ms,
      concurrency: Math.min(row.concurrency, row.max_concurrency),
      consecutiveFailures: row.consecutive_failures,
    },
    maxConcurrency: row.max_concurrency,
  };
}

/**
 * Gives the lane back, then looks once more: in this order, a row that came in between is seen either here or by the
 * relay, which skips lanes with a slice.
 */
export async function closeSlice(knex: Knex, lane: LaneRef, token: string): Promise<SliceRest> {
  await knex.raw(CLOSE, { ...keyOf(lane), token });
  const { rows } = await knex.raw<{ rows: { due_in_ms: number | null }[] }>(REST, keyOf(lane));
  const dueInMs = rows[0]?.due_in_ms ?? null;
  return { dueInMs: dueInMs ?? 0, open: dueInMs !== null };
}

function keyOf({ tenantId, endpointId }: LaneRef): { tenantId: string; endpointId: string } {
  return { tenantId, endpointId: toUuid(endpointId) };
}

/** Whole milliseconds until a moment; null once it has passed. */
function msUntil(column: string): string {
  return `case when ${column} > now() then ceil(extract(epoch from ${column} - now()) * 1000)::integer end`;
}

const OPEN = `
  with taken as (
    update webhook_lane set slice_token = :token, slice_until = now() + interval '60 seconds'
    from webhook_endpoint
    where webhook_lane.tenant_id = :tenantId and webhook_lane.endpoint_id = :endpointId
      and webhook_endpoint.tenant_id = webhook_lane.tenant_id and webhook_endpoint.id = webhook_lane.endpoint_id
      and webhook_endpoint.deleted_at is null
    returning webhook_lane.breaker, webhook_lane.probe_at, webhook_lane.parked_until, webhook_lane.concurrency,
      webhook_lane.consecutive_failures, webhook_endpoint.max_concurrency
  ), freed as (
    update webhook_delivery set state = 'pending', lease_token = null, lease_until = null
    where webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :endpointId
      and webhook_delivery.state = 'leased'
  )
  select taken.breaker, taken.concurrency, taken.consecutive_failures, taken.max_concurrency,
    ${msUntil('taken.probe_at')} as probe_in_ms, ${msUntil('taken.parked_until')} as park_ms
  from taken`;

const CLOSE = `
  with freed as (
    update webhook_delivery set state = 'pending', lease_token = null, lease_until = null
    where webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :endpointId
      and webhook_delivery.state = 'leased' and webhook_delivery.lease_token = :token
  )
  update webhook_lane set slice_token = null, slice_until = null
  where webhook_lane.tenant_id = :tenantId and webhook_lane.endpoint_id = :endpointId
    and webhook_lane.slice_token = :token`;

// Held rows of a paused or disabled endpoint do not become due by themselves; what a person asked for does.
const REST = `
  select ceil(greatest(0, extract(epoch from greatest(
      next_row.next_at,
      webhook_lane.parked_until,
      case when webhook_lane.breaker = 'open' then webhook_lane.probe_at end
    ) - now()) * 1000))::integer as due_in_ms
  from webhook_lane
  join webhook_endpoint on webhook_endpoint.tenant_id = webhook_lane.tenant_id
    and webhook_endpoint.id = webhook_lane.endpoint_id and webhook_endpoint.deleted_at is null
  cross join lateral (
    (select webhook_delivery.next_at from webhook_delivery
     where webhook_endpoint.status = 'enabled' and webhook_delivery.state = 'pending'
       and webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :endpointId
     order by webhook_delivery.next_at limit 1)
    union all
    (select min(webhook_delivery.next_at) from webhook_delivery
     where webhook_endpoint.status <> 'enabled' and webhook_delivery.state = 'pending'
       and webhook_delivery.trigger in ('test', 'manual')
       and webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :endpointId
     having min(webhook_delivery.next_at) is not null)
  ) as next_row (next_at)
  where webhook_lane.tenant_id = :tenantId and webhook_lane.endpoint_id = :endpointId`;
