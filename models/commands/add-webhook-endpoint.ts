import type { Knex } from 'knex';

import type { EventType } from '#contract/events.ts';
import type { TenantId } from '#domain/ids.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import { newId } from '#platform/new-id.ts';
import { newWebhookSecret } from '#platform/webhook-signature.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { lockTenant } from '../tenant.ts';
import { auditedEndpoint, insertEndpoint, type Endpoint } from '../webhook/endpoint.ts';
import { addSecret } from '../webhook/secret.ts';

export const ENDPOINTS_MAX = 20;

export interface NewEndpoint {
  url: string;
  description: string;
  eventTypes: EventType[] | null;
  at: Date;
}

export type AddedEndpoint = { kind: 'added'; endpoint: Endpoint; secret: string } | { kind: 'limit' };

/** A new endpoint and its signing secret, which is told here and never again. */
export async function addWebhookEndpoint(
  knex: Knex,
  tenantId: TenantId,
  { endpoint, keyRing, actor }: { endpoint: NewEndpoint; keyRing: KeyRing; actor: AuditActor },
): Promise<AddedEndpoint> {
  return knex.transaction(async (trx) => {
    // Two at once would both count nineteen; the tenant's row makes the second one wait for the first.
    await lockTenant(trx, tenantId);
    const { rows } = await trx.raw<{ rows: { endpoints: number }[] }>(COUNT, [tenantId]);
    if ((rows[0]?.endpoints ?? 0) >= ENDPOINTS_MAX) return { kind: 'limit' };

    const { at: createdAt, ...wanted } = endpoint;
    const added = await insertEndpoint(trx, tenantId, { ...wanted, id: newId('whk'), createdAt });
    const secret = newWebhookSecret();
    await addSecret(trx, tenantId, { endpointId: added.id, text: secret, at: createdAt, keyRing });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'webhook_endpoint.created',
      objectType: 'webhook_endpoint',
      objectId: added.id,
      before: null,
      after: auditedEndpoint(added),
      reason: null,
      at: createdAt,
    });
    return { kind: 'added', endpoint: added, secret };
  });
}

const COUNT = `
  select count(*)::integer as endpoints from webhook_endpoint
  where webhook_endpoint.tenant_id = ? and webhook_endpoint.deleted_at is null`;
