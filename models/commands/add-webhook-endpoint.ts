import type { Knex } from 'knex';

import type { EventType } from '#contract/events.ts';
import type { TenantId } from '#domain/ids.ts';
import { insertEndpoint, type Endpoint } from '#models/webhook/endpoint.ts';
import { addSecret } from '#models/webhook/secret.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import { newId } from '#platform/new-id.ts';
import { newWebhookSecret } from '#platform/webhook-signature.ts';

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
  { endpoint, keyRing }: { endpoint: NewEndpoint; keyRing: KeyRing },
): Promise<AddedEndpoint> {
  return knex.transaction(async (trx) => {
    // Two at once would both count nineteen; the tenant's row makes the second one wait for the first.
    await trx.raw(`select from tenant where tenant.id = ? for no key update`, [tenantId]);
    const { rows } = await trx.raw<{ rows: { endpoints: number }[] }>(COUNT, [tenantId]);
    if ((rows[0]?.endpoints ?? 0) >= ENDPOINTS_MAX) return { kind: 'limit' };

    const { at: createdAt, ...wanted } = endpoint;
    const added = await insertEndpoint(trx, tenantId, { ...wanted, id: newId('whk'), createdAt });
    const secret = newWebhookSecret();
    await addSecret(trx, tenantId, { endpointId: added.id, text: secret, at: createdAt, keyRing });
    return { kind: 'added', endpoint: added, secret };
  });
}

const COUNT = `
  select count(*)::integer as endpoints from webhook_endpoint
  where webhook_endpoint.tenant_id = ? and webhook_endpoint.deleted_at is null`;
