import type { Knex } from 'knex';

import type { TenantId, UserId } from '#domain/ids.ts';
import type { Permission, Role } from '#domain/permissions.ts';
import { coversRole, invitableRoles, isRoleOf } from '#domain/team-role.ts';

import { recordAudit } from '../audit.ts';
import { revokeInvitesOf } from '../invite.ts';
import { findMember, isLastKeeper, teamPowers, updateMember, type Member, type TeamActor } from '../member.ts';
import { lockTenant } from '../tenant.ts';

export interface MemberChange {
  id: UserId;
  /** Absent leaves as it is. */
  role?: Role | undefined;
  name?: string | undefined;
  actor: TeamActor;
  at: Date;
}

export type Refusal = { state: 'not-found' } | { state: 'above-you' } | { state: 'last-keeper' };
export type ChangedMember = { state: 'changed'; member: Member } | { state: 'foreign-role' } | Refusal;

/** Name and role of a colleague. What they may do changes with their next request, and with it what they invited to. */
export async function changeMember(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at, ...wanted }: MemberChange,
): Promise<ChangedMember> {
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    const before = await findMember(trx, tenantId, id);
    if (before === null) return { state: 'not-found' };
    const after = { ...before, role: wanted.role ?? before.role, name: wanted.name ?? before.name };
    const permissions = await teamPowers(trx, tenantId, actor);
    const refusal = await refusalOf(trx, tenantId, { before, after, permissions });
    if (refusal !== null) return refusal;

    if (after.role === before.role && after.name === before.name) return { state: 'changed', member: after };
    await updateMember(trx, tenantId, after);
    const revoked = await revokeInvitesOf(trx, tenantId, { userId: id, keptRoles: invitableRoles(after), at });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'user.changed',
      objectType: 'user',
      objectId: id,
      before: { role: before.role, name: before.name },
      after: { role: after.role, name: after.name, ...(revoked.length === 0 ? {} : { revoked_invites: revoked }) },
      reason: null,
      at,
    });
    return { state: 'changed', member: after };
  });
}

async function refusalOf(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { before, after, permissions }: { before: Member; after: Member; permissions: ReadonlySet<Permission> },
): Promise<Exclude<ChangedMember, { state: 'changed' }> | null> {
  if (!isRoleOf(after.realm, after.role)) return { state: 'foreign-role' };
  if (!coversRole(permissions, before) || !coversRole(permissions, after)) return { state: 'above-you' };
  if (after.role !== before.role && (await isLastKeeper(trx, tenantId, before))) return { state: 'last-keeper' };
  return null;
}
