import type { Knex } from 'knex';

import type { ApiKeyId, TenantId } from '#domain/ids.ts';

import { revokeApiKey as markRevoked } from '../api-key.ts';
import { recordAudit, type AuditActor } from '../audit.ts';

/** False where the tenant has no such key, or no more: of two who revoke it at once, one did. */
export async function revokeApiKey(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: ApiKeyId; actor: AuditActor; at: Date },
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const key = await markRevoked(trx, tenantId, { id, at });
    if (key === null) return false;
    await recordAudit(trx, tenantId, {
      actor,
      action: 'api_key.revoked',
      objectType: 'api_key',
      objectId: id,
      before: { name: key.name, hint: key.hint, scopes: key.scopes },
      after: null,
      reason: null,
      at,
    });
    return true;
  });
}
