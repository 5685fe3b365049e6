import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import type { Role } from '#domain/permissions.ts';
import { coversRole } from '#domain/team-role.ts';

import { recordAudit } from '../audit.ts';
import { countInvites, findInvite, insertInvite, revokeInvite, type Invite, type NewInvite } from '../invite.ts';
import { teamPowers, type TeamActor } from '../member.ts';
import { countSeats } from '../seats.ts';
import { lockTenant } from '../tenant.ts';

export type Invited =
  | { state: 'invited'; invite: Invite }
  | { state: 'already-member' }
  | { state: 'above-you' }
  | { state: 'no-seat'; limit: number }
  | { state: 'too-many-mails'; max: number };

const DAY_MS = 86_400_000;
/** Invites taken back and sent again are mails to somebody who may not want them. */
const INVITES_PER_DAY_MAX = 100;

/** Keeps a seat for somebody. A second invite for an address replaces the first, whose mail then opens nothing. */
export async function inviteMember(
  knex: Knex,
  tenantId: TenantId,
  { actor, ...wanted }: NewInvite & { actor: TeamActor },
): Promise<Invited> {
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    const { email, at } = wanted;
    if (await isMember(trx, tenantId, email)) return { state: 'already-member' };
    const replaced = await findInvite(trx, tenantId, { email });
    if (!(await mayInvite(trx, tenantId, { actor, roles: [wanted.role, replaced?.role ?? wanted.role] }))) {
      return { state: 'above-you' };
    }
    const since = new Date(at.getTime() - DAY_MS);
    if ((await countInvites(trx, tenantId, { since })) >= INVITES_PER_DAY_MAX) {
      return { state: 'too-many-mails', max: INVITES_PER_DAY_MAX };
    }
    const { used, limit } = await countSeats(trx, tenantId, { at, exceptEmail: email });
    if (limit !== null && used >= limit) return { state: 'no-seat', limit };

    if (replaced !== null) await revokeInvite(trx, tenantId, { id: replaced.id, at });
    const invite = await insertInvite(trx, tenantId, wanted);
    await recordAudit(trx, tenantId, {
      actor,
      action: 'invite.created',
      objectType: 'invite',
      objectId: invite.id,
      before: replaced === null ? null : { id: replaced.id, role: replaced.role },
      after: { email, role: invite.role },
      reason: null,
      at,
    });
    return { state: 'invited', invite };
  });
}

/** Nobody invites above themselves, nor undoes an invite that is. */
async function mayInvite(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { actor, roles }: { actor: TeamActor; roles: readonly Role[] },
): Promise<boolean> {
  const powers = await teamPowers(trx, tenantId, actor);
  return roles.every((role) => coversRole(powers, { realm: actor.realm, role }));
}

/** Only colleagues are looked for: whether another tenant knows an address is nobody's business here. */
async function isMember(trx: Knex.Transaction, tenantId: TenantId, email: string): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    `select 1 from app_user
     where app_user.tenant_id = ? and app_user.email = ? and app_user.disabled_at is null`,
    [tenantId, email],
  );
  return rows.length > 0;
}
