import type { Knex } from 'knex';

import type { InviteId, TenantId } from '#domain/ids.ts';
import { coversRole } from '#domain/team-role.ts';

import { recordAudit } from '../audit.ts';
import { findInvite, revokeInvite as markRevoked } from '../invite.ts';
import { teamPowers, type TeamActor } from '../member.ts';
import { lockTenant } from '../tenant.ts';

/** Takes an invite back that is still open, unless it is to a role that may do more than whoever asks. */
export async function revokeInvite(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: InviteId; actor: TeamActor; at: Date },
): Promise<'revoked' | 'not-found' | 'above-you'> {
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    const invite = await findInvite(trx, tenantId, { id });
    if (invite === null) return 'not-found';
    const powers = await teamPowers(trx, tenantId, actor);
    if (!coversRole(powers, { realm: actor.realm, role: invite.role })) return 'above-you';
    await markRevoked(trx, tenantId, { id, at });
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
    return 'revoked';
  });
}
