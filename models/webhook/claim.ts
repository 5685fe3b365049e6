import type { Knex } from 'knex';

import { toId, toUuid, type EventId } from '#domain/ids.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';
import type { RetrySchedule } from '#domain/webhooks/retry-schedule.ts';

export interface ClaimedDelivery {
  id: string;
  eventId: EventId;
  body: string;
  /** Read with each claim, so that an edited address counts from the next attempt on. */
  url: string;
  timeoutMs: number;
  schedule: RetrySchedule;
  tries: number;
  throttles: number;
  /** Number of this attempt, those not counted included. */
  n: number;
  trigger: 'auto' | 'manual' | 'recovery' | 'test';
}

interface ClaimRow {
  id: string;
  event_id: string;
  body: string;
  url: string;
  timeout_ms: number;
  schedule: RetrySchedule;
  tries: number;
  throttles: number;
  n: number;
  trigger: ClaimedDelivery['trigger'];
}

/**
 * Leases what may be sent now: due, and first of its session, so that a failing event holds back nothing but its own
 * conversation. Nothing at all where the lane was taken by another slice.
 */
export async function claimDeliveries(
  knex: Knex,
  lane: LaneRef,
  { token, free }: { token: string; free: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await knex.raw<{ rows: ClaimRow[] }>(CLAIM, {
    tenantId: lane.tenantId,
    endpointId: toUuid(lane.endpointId),
    token,
    free,
  });
  return rows.map((row) => ({
    id: row.id,
    eventId: toId('evt', row.event_id),
    body: row.body,
    url: row.url,
    timeoutMs: row.timeout_ms,
    schedule: row.schedule,
    tries: row.tries,
    throttles: row.throttles,
    n: row.n,
    trigger: row.trigger,
  }));
}

/** Blocked rows take the time of the row they wait for: then due means sendable, and nobody spins on the rest. */
export async function alignBlocked(knex: Knex, lane: LaneRef): Promise<void> {
  await knex.raw(ALIGN, { tenantId: lane.tenantId, endpointId: toUuid(lane.endpointId) });
}

const ALIGN_MAX = 1000;

// Scalar subqueries are run once, and leave the index order of the rows alone; a join would sort a whole backlog.
const CLAIM = `
  with picked as (
    select webhook_delivery.id from webhook_delivery
    where webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :endpointId
      and webhook_delivery.state = 'pending' and webhook_delivery.next_at <= now()
      and (select webhook_lane.slice_token from webhook_lane
           where webhook_lane.tenant_id = :tenantId and webhook_lane.endpoint_id = :endpointId) = :token
      and (webhook_delivery.trigger in ('test', 'manual')
        or (select webhook_endpoint.status from webhook_endpoint
            where webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :endpointId) = 'enabled'
        and (webhook_delivery.session_id is null
          or (select webhook_endpoint.ordering from webhook_endpoint
              where webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :endpointId) = 'parallel'
          or not exists (select from webhook_delivery as before
            where before.tenant_id = webhook_delivery.tenant_id
              and before.endpoint_id = webhook_delivery.endpoint_id
              and before.session_id = webhook_delivery.session_id and before.seq < webhook_delivery.seq
              and before.state in ('pending', 'leased'))))
    order by webhook_delivery.next_at, webhook_delivery.id
    limit :free
    for update of webhook_delivery skip locked
  ), leased as (
    update webhook_delivery
    set state = 'leased', lease_token = :token, lease_until = now() + interval '60 seconds'
    from picked where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = picked.id
    returning webhook_delivery.id, webhook_delivery.event_no, webhook_delivery.tries, webhook_delivery.throttles,
      webhook_delivery.attempts + webhook_delivery.throttles + 1 as n, webhook_delivery.trigger
  )
  select leased.id, leased.tries, leased.throttles, leased.n, leased.trigger, webhook_event.id as event_id,
    webhook_event.body, webhook_endpoint.url, webhook_endpoint.timeout_ms, webhook_endpoint.schedule
  from leased
  join webhook_event on webhook_event.tenant_id = :tenantId and webhook_event.no = leased.event_no
  join webhook_endpoint on webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :endpointId
  order by leased.id`;

const ALIGN = `
  update webhook_delivery set next_at = waiting.next_at
  from (
    select blocked.id, first.next_at
    from webhook_delivery as blocked
    cross join lateral (
      select before.next_at, before.state from webhook_delivery as before
      where before.tenant_id = :tenantId and before.endpoint_id = :endpointId
        and before.session_id = blocked.session_id and before.seq < blocked.seq
        and before.state in ('pending', 'leased')
      order by before.seq limit 1
    ) as first
    where blocked.tenant_id = :tenantId and blocked.endpoint_id = :endpointId
      and blocked.state = 'pending' and blocked.next_at <= now() and blocked.trigger not in ('test', 'manual')
      and first.state = 'pending' and first.next_at > now()
    order by blocked.next_at limit ${ALIGN_MAX}
  ) as waiting
  where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = waiting.id
    and webhook_delivery.state = 'pending'`;
