import type { Knex } from 'knex';

import type { InviteId, TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { revokeInvite as markRevoked } from '../invite.ts';

/** Takes an invite back; false where the tenant has no such one that is still open. */
export async function revokeInvite(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: InviteId; actor: AuditActor; at: Date },
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const invite = await markRevoked(trx, tenantId, { id, at });
    if (invite === null) return false;
    await recordAudit(trx, tenantId, {
      actor,
      action: 'invite.revoked',
      objectType: 'invite',
      objectId: id,
      before: { email: invite.email, role: invite.role },
      after: null,
      reason: null,
      at,
    });
    return true;
  });
}
