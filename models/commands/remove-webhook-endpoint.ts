import type { Knex } from 'knex';

import { toUuid, type EndpointId, type TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { auditedEndpoint, lockEndpoint } from '../webhook/endpoint.ts';

const CANCEL_MAX = 1000;

/** Nothing new from this moment on; open deliveries end as cancelled, a large rest in batches by the sweeper. */
export async function removeWebhookEndpoint(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: EndpointId; actor: AuditActor; at: Date },
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const endpoint = await lockEndpoint(trx, tenantId, id);
    if (endpoint === null) return false;
    await trx.raw(
      `update webhook_endpoint set deleted_at = :at
       where webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :id
         and webhook_endpoint.deleted_at is null`,
      { tenantId, id: toUuid(id), at },
    );
    await trx.raw(CANCEL, { tenantId, id: toUuid(id) });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'webhook_endpoint.removed',
      objectType: 'webhook_endpoint',
      objectId: id,
      before: auditedEndpoint(endpoint),
      after: null,
      reason: null,
      at,
    });
    return true;
  });
}

// A request in flight is recorded when it is back: its row is leased and not touched here.
const CANCEL = `
  with pending as (
    select webhook_delivery.id from webhook_delivery
    where webhook_delivery.tenant_id = :tenantId and webhook_delivery.endpoint_id = :id
      and webhook_delivery.state = 'pending'
    limit ${CANCEL_MAX} for update skip locked
  )
  update webhook_delivery set state = 'cancelled', reason = 'endpoint_deleted', finished_at = now()
  from pending where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = pending.id`;
