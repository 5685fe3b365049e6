import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

import { countApiKeys, insertApiKey, type ApiKey, type NewApiKey } from '../api-key.ts';
import { recordAudit, type AuditActor } from '../audit.ts';
import { lockTenant } from '../tenant.ts';

export const API_KEYS_MAX = 100;

export interface WantedApiKey extends Omit<NewApiKey, 'id'> {
  actor: AuditActor;
}

export type CreatedApiKey = { kind: 'created'; key: ApiKey } | { kind: 'limit' };

/** A key is stored by the hash of its secret; who could read the database could not use one. */
export async function createApiKey(
  knex: Knex,
  tenantId: TenantId,
  { actor, ...wanted }: WantedApiKey,
): Promise<CreatedApiKey> {
  return knex.transaction(async (trx) => {
    // Two at once would both find room for one; the tenant's row makes the second wait for the first.
    await lockTenant(trx, tenantId);
    if ((await countApiKeys(trx, tenantId)) >= API_KEYS_MAX) return { kind: 'limit' };
    const key = await insertApiKey(trx, tenantId, { ...wanted, id: newId('key') });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'api_key.created',
      objectType: 'api_key',
      objectId: key.id,
      before: null,
      after: { name: key.name, hint: key.hint, scopes: key.scopes },
      reason: null,
      at: wanted.at,
    });
    return { kind: 'created', key };
  });
}
