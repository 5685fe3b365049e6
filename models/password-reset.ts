import type { Knex } from 'knex';

import { toId, toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm } from '#domain/permissions.ts';
import { newUuid } from '#platform/new-id.ts';

export interface NewPasswordReset {
  userId: UserId;
  tokenHash: string;
  at: Date;
  expiresAt: Date;
}

export async function insertPasswordReset(trx: Knex, tenantId: TenantId, reset: NewPasswordReset): Promise<void> {
  await trx.raw(
    `insert into password_reset (tenant_id, id, user_id, token_hash, created_at, expires_at) values (?, ?, ?, ?, ?, ?)`,
    [tenantId, newUuid(), toUuid(reset.userId), reset.tokenHash, reset.at, reset.expiresAt],
  );
}

/** How many were asked for since then, used or not. */
export async function countPasswordResets(
  trx: Knex,
  tenantId: TenantId,
  { userId, since }: { userId: UserId; since: Date },
): Promise<number> {
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from password_reset
     where password_reset.tenant_id = ? and password_reset.user_id = ? and password_reset.created_at > ?`,
    [tenantId, toUuid(userId), since],
  );
  return rows[0]?.count ?? 0;
}

interface SentToken {
  realm: Realm;
  tokenHash: string;
  at: Date;
}

const OPEN = `password_reset.token_hash = :tokenHash and password_reset.used_at is null
  and password_reset.expires_at > :at`;

/** Whose password a token sets; null where it was used, has ended, or never was. It finds the tenant by itself. */
export async function findPasswordReset(
  knex: Knex,
  sent: SentToken,
): Promise<{ tenantId: TenantId; userId: UserId; email: string } | null> {
  const { rows } = await knex.raw<{ rows: { tenant_id: TenantId; user_id: string; email: string }[] }>(
    `select password_reset.tenant_id, password_reset.user_id, app_user.email
     from password_reset
     join app_user on app_user.tenant_id = password_reset.tenant_id and app_user.id = password_reset.user_id
     where ${OPEN} and app_user.realm = :realm and app_user.disabled_at is null`,
    { ...sent },
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { tenantId: row.tenant_id, userId: toId('usr', row.user_id), email: row.email };
}

/** Of all who use a token at once, one gets true. */
export async function takePasswordReset(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { tokenHash, at }: { tokenHash: string; at: Date },
): Promise<boolean> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `update password_reset set used_at = :at where password_reset.tenant_id = :tenantId and ${OPEN}`,
    { tenantId, tokenHash, at },
  );
  return rowCount > 0;
}

/** A password that was changed makes every mail about it worthless. */
export async function endPasswordResets(
  trx: Knex,
  tenantId: TenantId,
  { userId, at }: { userId: UserId; at: Date },
): Promise<void> {
  await trx.raw(
    `update password_reset set used_at = ?
     where password_reset.tenant_id = ? and password_reset.user_id = ? and password_reset.used_at is null`,
    [at, tenantId, toUuid(userId)],
  );
}
