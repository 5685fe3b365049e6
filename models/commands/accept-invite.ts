import type { Knex } from 'knex';

import { toId, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm } from '#domain/permissions.ts';
import { isUniqueViolation } from '#platform/database.ts';
import { newUuid } from '#platform/new-id.ts';

import { revokeApiKeysOf } from '../api-key.ts';
import type { AppUser } from '../app-user.ts';
import { recordAudit } from '../audit.ts';
import { takeInvite, type Invite } from '../invite.ts';
import { countSeats } from '../seats.ts';
import { lockTenant } from '../tenant.ts';

export interface Newcomer {
  tokenHash: string;
  name: string;
  passwordHash: string;
  at: Date;
}

export type Accepted =
  | { state: 'joined'; user: AppUser }
  | { state: 'ended' }
  | { state: 'email-taken' }
  | { state: 'no-seat'; limit: number };

/** Somebody joins the team that invited them. The token is used up in the same commit, or not at all. */
export async function acceptInvite(knex: Knex, tenantId: TenantId, newcomer: Newcomer): Promise<Accepted> {
  try {
    return await knex.transaction((trx) => join(trx, tenantId, newcomer));
  } catch (error) {
    // The address has an account elsewhere; only whoever reads its mail is told so.
    if (isUniqueViolation(error, 'app_user_realm_email_key')) return { state: 'email-taken' };
    throw error;
  }
}

async function join(trx: Knex.Transaction, tenantId: TenantId, newcomer: Newcomer): Promise<Accepted> {
  await lockTenant(trx, tenantId);
  const { at } = newcomer;
  const { members, limit } = await countSeats(trx, tenantId, { at });
  // The plan may have become smaller since the invite; refused before the token is used up.
  if (limit !== null && members >= limit) return { state: 'no-seat', limit };
  const invite = await takeInvite(trx, tenantId, newcomer);
  if (invite === null) return { state: 'ended' };
  const user = await enable(trx, tenantId, { ...newcomer, invite });
  await recordAudit(trx, tenantId, {
    actor: { userId: user.userId, apiKeyId: null },
    action: 'user.joined',
    objectType: 'user',
    objectId: user.userId,
    before: null,
    after: { email: user.email, role: user.role, invite_id: invite.id },
    reason: null,
    at,
  });
  return { state: 'joined', user };
}

/** A new user, or one who was removed before and comes back as the same person, without what they had then. */
async function enable(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { invite, name, passwordHash, at }: Newcomer & { invite: Invite },
): Promise<AppUser> {
  const { email, role } = invite;
  const { rows } = await trx.raw<{ rows: { id: string; realm: Realm }[] }>(ENABLE, {
    tenantId,
    id: newUuid(),
    email,
    role,
    name,
    passwordHash,
    at,
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`invite ${invite.id} made no user`);
  const userId: UserId = toId('usr', row.id);
  await revokeApiKeysOf(trx, tenantId, { userId, at });
  return { tenantId, userId, realm: row.realm, role, email, name, passwordHash };
}

const ENABLE = `
  with back as (
    update app_user set name = :name, role = :role, password_hash = :passwordHash, disabled_at = null
    where app_user.tenant_id = :tenantId and app_user.email = :email and app_user.disabled_at is not null
    returning app_user.id, app_user.realm
  ), born as (
    insert into app_user (tenant_id, id, realm, role, email, name, password_hash, created_at)
    select tenant.id, :id, case when tenant.is_operator then 'operator' else 'tenant' end, :role, :email, :name,
      :passwordHash, :at
    from tenant where tenant.id = :tenantId and not exists (select from back)
    returning app_user.id, app_user.realm
  )
  select back.id, back.realm from back union all select born.id, born.realm from born`;
