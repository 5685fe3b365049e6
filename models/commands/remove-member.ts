import type { Knex } from 'knex';

import { toUuid, type ApiKeyId, type InviteId, type TenantId, type UserId } from '#domain/ids.ts';
import { coversRole } from '#domain/team-role.ts';

import { revokeApiKeysOf } from '../api-key.ts';
import { recordAudit } from '../audit.ts';
import { revokeAuthSessionsOf } from '../auth-session.ts';
import { revokeInvitesOf } from '../invite.ts';
import { disableMember, findMember, isLastKeeper, teamPowers, type TeamActor } from '../member.ts';
import { endPasswordResets } from '../password-reset.ts';
import { lockTenant } from '../tenant.ts';
import type { Refusal } from './change-member.ts';

export interface Removal {
  id: UserId;
  actor: TeamActor;
  at: Date;
}

export interface WhatRemains {
  revokedKeys: ApiKeyId[];
  revokedInvites: InviteId[];
  /** Conversations that are still theirs: nobody answers there until a colleague takes over or hands back. */
  ownedSessions: number;
}

export type RemovedMember = ({ state: 'removed' } & WhatRemains) | Refusal;

/** Ends somebody's access at once. Their name stays with what they did, and their conversations stay as they are. */
export async function removeMember(knex: Knex, tenantId: TenantId, { id, actor, at }: Removal): Promise<RemovedMember> {
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    const member = await findMember(trx, tenantId, id);
    if (member === null) return { state: 'not-found' };
    if (!coversRole(await teamPowers(trx, tenantId, actor), member)) return { state: 'above-you' };
    if (await isLastKeeper(trx, tenantId, member)) return { state: 'last-keeper' };

    // The user first, then the sessions: a sign-in at this moment either waits and fails, or is ended here.
    await disableMember(trx, tenantId, { id, at });
    await revokeAuthSessionsOf(trx, tenantId, { userId: id, at });
    await endPasswordResets(trx, tenantId, { userId: id, at });
    const revokedKeys = await revokeApiKeysOf(trx, tenantId, { userId: id, at });
    const revokedInvites = await revokeInvitesOf(trx, tenantId, { userId: id, keptRoles: [], at });
    const ownedSessions = await countOwnedSessions(trx, tenantId, id);
    await recordAudit(trx, tenantId, {
      actor,
      action: 'user.removed',
      objectType: 'user',
      objectId: id,
      before: { email: member.email, role: member.role },
      after: { revoked_keys: revokedKeys, revoked_invites: revokedInvites, owned_sessions: ownedSessions },
      reason: null,
      at,
    });
    return { state: 'removed', revokedKeys, revokedInvites, ownedSessions };
  });
}

async function countOwnedSessions(trx: Knex.Transaction, tenantId: TenantId, userId: UserId): Promise<number> {
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from chat_session
     where chat_session.tenant_id = ? and chat_session.owner_user_id = ? and chat_session.state = 'open'`,
    [tenantId, toUuid(userId)],
  );
  return rows[0]?.count ?? 0;
}
