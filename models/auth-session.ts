import { toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import { newUuid } from '#platform/new-id.ts';
import type { Knex } from 'knex';

import { readUser, type SignedInUser, type UserRow } from './app-user.ts';

export interface NewAuthSession {
  tenantId: TenantId;
  userId: UserId;
  /** SHA-256 of the token; the token itself is known to its holder only. */
  tokenHash: string;
  at: Date;
  expiresAt: Date;
}

export async function openAuthSession(knex: Knex, session: NewAuthSession): Promise<void> {
  await knex.raw(
    `insert into auth_session (tenant_id, id, user_id, token_hash, created_at, expires_at) values (?, ?, ?, ?, ?, ?)`,
    [session.tenantId, newUuid(), toUuid(session.userId), session.tokenHash, session.at, session.expiresAt],
  );
}

/** Whom a live token speaks for. The hash of a token is unique by itself: it finds the tenant. */
export async function findUserByToken(
  knex: Knex,
  { tokenHash, at }: { tokenHash: string; at: Date },
): Promise<SignedInUser | null> {
  const { rows } = await knex.raw<{ rows: UserRow[] }>(
    `select u.tenant_id, u.id, u.realm, u.role, u.email, u.name
     from auth_session s join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id
     where s.token_hash = ? and s.expires_at > ? and s.revoked_at is null and u.disabled_at is null`,
    [tokenHash, at],
  );
  const [row] = rows;
  return row === undefined ? null : readUser(row);
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

/** Signs a user out everywhere. */
export async function revokeAuthSessionsOf(
  knex: Knex,
  tenantId: TenantId,
  { userId, at }: { userId: UserId; at: Date },
): Promise<void> {
  await knex.raw(`update auth_session set revoked_at = ? where tenant_id = ? and user_id = ? and revoked_at is null`, [
    at,
    tenantId,
    toUuid(userId),
  ]);
}
