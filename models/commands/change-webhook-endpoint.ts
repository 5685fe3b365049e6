import { isDeepStrictEqual } from 'node:util';

import type { Knex } from 'knex';

import type { EndpointId, TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import {
  auditedEndpoint,
  lockEndpoint,
  updateEndpoint,
  type Endpoint,
  type EndpointChange,
} from '../webhook/endpoint.ts';

/** Null where the tenant has no such endpoint. What changes nothing leaves no trace. */
export async function changeWebhookEndpoint(
  knex: Knex,
  tenantId: TenantId,
  { id, change, actor, at }: { id: EndpointId; change: EndpointChange; actor: AuditActor; at: Date },
): Promise<Endpoint | null> {
  return knex.transaction(async (trx) => {
    const before = await lockEndpoint(trx, tenantId, id);
    if (before === null) return null;
    const after = await updateEndpoint(trx, tenantId, { id, change });
    if (after === null || isDeepStrictEqual(before, after)) return after;
    await recordAudit(trx, tenantId, {
      actor,
      action: 'webhook_endpoint.changed',
      objectType: 'webhook_endpoint',
      objectId: id,
      before: auditedEndpoint(before),
      after: auditedEndpoint(after),
      reason: null,
      at,
    });
    return after;
  });
}
