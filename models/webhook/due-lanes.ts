import type { Knex } from 'knex';

import { toId, toUuid, type EndpointId } from '#domain/ids.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';

/**
 * Lanes with something to send and nobody at it, each marked as woken so that other relays leave it alone for 250 ms.
 * Parked lanes and open breakers wait for their time. Nothing is written where nothing is due.
 */
export async function takeLanesToWake(knex: Knex, endpointIds: readonly EndpointId[] | null): Promise<LaneRef[]> {
  const { rows } = await knex.raw<{ rows: { tenant_id: LaneRef['tenantId']; endpoint_id: string }[] }>(WAKE, {
    endpointIds: endpointIds === null ? null : endpointIds.map(toUuid),
  });
  return rows.map((row) => ({ tenantId: row.tenant_id, endpointId: toId('whk', row.endpoint_id) }));
}

// One EXISTS per endpoint stays cheap on any backlog; a DISTINCT over the due rows does not.
const WAKE = `
  update webhook_lane set woken_at = now()
  from webhook_endpoint
  where webhook_endpoint.tenant_id = webhook_lane.tenant_id and webhook_endpoint.id = webhook_lane.endpoint_id
    and webhook_endpoint.deleted_at is null
    and (:endpointIds::uuid[] is null or webhook_lane.endpoint_id = any (:endpointIds::uuid[]))
    and (webhook_lane.woken_at is null or webhook_lane.woken_at <= now() - interval '250 milliseconds')
    and (webhook_lane.slice_until is null or webhook_lane.slice_until <= now())
    and (webhook_lane.parked_until is null or webhook_lane.parked_until <= now())
    and (webhook_lane.breaker = 'closed' or webhook_lane.probe_at is null or webhook_lane.probe_at <= now())
    and case when webhook_endpoint.status = 'enabled' then exists (
      select from webhook_delivery
      where webhook_delivery.tenant_id = webhook_lane.tenant_id
        and webhook_delivery.endpoint_id = webhook_lane.endpoint_id
        and webhook_delivery.state = 'pending' and webhook_delivery.next_at <= now()
    ) else exists (
      select from webhook_delivery
      where webhook_delivery.tenant_id = webhook_lane.tenant_id
        and webhook_delivery.endpoint_id = webhook_lane.endpoint_id
        and webhook_delivery.state = 'pending' and webhook_delivery.next_at <= now()
        and webhook_delivery.trigger in ('test', 'manual')
    ) end
  returning webhook_lane.tenant_id, webhook_lane.endpoint_id`;
