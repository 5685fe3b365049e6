import { toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import { newUuid } from '#platform/new-id.ts';
import type { Knex } from 'knex';

import { readUser, type SignedInUser, type UserRow } from './app-user.ts';

export interface NewAuthSession {
  tenantId: TenantId;
  userId: UserId;
  /** What the given password was checked against. */
  passwordHash: string;
  /** SHA-256 of the token; the token itself is known to its holder only. */
  tokenHash: string;
  at: Date;
  expiresAt: Date;
}

/**
 * False where the password was changed or the user removed meanwhile. The share lock orders the two: a change that
 * comes first is seen here, one that comes later finds this session and ends it.
 */
export async function openAuthSession(knex: Knex, session: NewAuthSession): Promise<boolean> {
  const { rowCount } = await knex.raw<{ rowCount: number }>(
    `insert into auth_session (tenant_id, id, user_id, token_hash, created_at, expires_at)
     select app_user.tenant_id, :id, app_user.id, :tokenHash, :at, :expiresAt from app_user
     where app_user.tenant_id = :tenantId and app_user.id = :userId and app_user.password_hash = :passwordHash
       and app_user.disabled_at is null
     for share`,
    { ...session, id: newUuid(), userId: toUuid(session.userId) },
  );
  return rowCount > 0;
}

/** Whom a live token speaks for. The hash of a token is unique by itself: it finds the tenant. */
export async function findUserByToken(
  knex: Knex,
  { tokenHash, at }: { tokenHash: string; at: Date },
): Promise<(SignedInUser & { tenantStatus: 'active' | 'suspended' }) | null> {
  const { rows } = await knex.raw<{ rows: (UserRow & { tenant_status: 'active' | 'suspended' })[] }>(
    `select u.tenant_id, u.id, u.realm, u.role, u.email, u.name, t.status as tenant_status
     from auth_session s join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id
     join tenant t on t.id = s.tenant_id
     where s.token_hash = ? and s.expires_at > ? and s.revoked_at is null and u.disabled_at is null`,
    [tokenHash, at],
  );
  const [row] = rows;
  return row === undefined ? null : { ...readUser(row), tenantStatus: row.tenant_status };
}

export async function revokeAuthSession(
  knex: Knex,
  tenantId: TenantId,
  { tokenHash, at }: { tokenHash: string; at: Date },
): Promise<void> {
  await knex.raw(
    `update auth_session set revoked_at = ? where tenant_id = ? and token_hash = ? and revoked_at is null`,
    [at, tenantId, tokenHash],
  );
}

/** Signs a user out everywhere, or everywhere but here. */
export async function revokeAuthSessionsOf(
  knex: Knex,
  tenantId: TenantId,
  { userId, at, except = '' }: { userId: UserId; at: Date; except?: string },
): Promise<void> {
  await knex.raw(
    `update auth_session set revoked_at = ?
     where tenant_id = ? and user_id = ? and token_hash <> ? and revoked_at is null`,
    [at, tenantId, toUuid(userId), except],
  );
}
