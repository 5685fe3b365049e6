import type { Knex } from 'knex';

import type { LaneRef } from '#domain/webhooks/lane-messages.ts';

import { takeLanesToWake } from './due-lanes.ts';

const BATCH = 1000;

export interface WebhookSweep {
  freedLeases: number;
  cancelled: number;
  /** To be woken by the caller. */
  due: LaneRef[];
}

/** What dead processes left behind: leases past their time, rows of deleted endpoints, lanes that nobody woke. */
export async function sweepWebhooks(knex: Knex): Promise<WebhookSweep> {
  const freed = await knex.raw<{ rowCount: number }>(FREE_EXPIRED);
  const cancelled = await knex.raw<{ rowCount: number }>(CANCEL_OF_DELETED);
  return { freedLeases: freed.rowCount, cancelled: cancelled.rowCount, due: await takeLanesToWake(knex, null) };
}

const FREE_EXPIRED = `
  with expired as (
    select webhook_delivery.tenant_id, webhook_delivery.id from webhook_delivery
    where webhook_delivery.state = 'leased' and webhook_delivery.lease_until < now()
    limit ${BATCH} for update skip locked
  )
  update webhook_delivery set state = 'pending', lease_token = null, lease_until = null
  from expired
  where webhook_delivery.tenant_id = expired.tenant_id and webhook_delivery.id = expired.id`;

const CANCEL_OF_DELETED = `
  with orphaned as (
    select webhook_delivery.tenant_id, webhook_delivery.id from webhook_endpoint
    join webhook_delivery on webhook_delivery.tenant_id = webhook_endpoint.tenant_id
      and webhook_delivery.endpoint_id = webhook_endpoint.id and webhook_delivery.state = 'pending'
    where webhook_endpoint.deleted_at is not null
    limit ${BATCH} for update of webhook_delivery skip locked
  )
  update webhook_delivery set state = 'cancelled', reason = 'endpoint_deleted', finished_at = now()
  from orphaned
  where webhook_delivery.tenant_id = orphaned.tenant_id and webhook_delivery.id = orphaned.id`;
