import { toId, toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm, Role } from '#domain/permissions.ts';
import type { Knex } from 'knex';

/** Somebody as the rest of the product knows them: whose they are and what they may do. */
export interface SignedInUser {
  tenantId: TenantId;
  userId: UserId;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
}

/** A person who may sign in, with what the check of a password needs. */
export interface AppUser extends SignedInUser {
  passwordHash: string;
}

/** The columns of `app_user` that make a signed-in user. */
export interface UserRow {
  tenant_id: TenantId;
  id: string;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
}

export function readUser({ tenant_id: tenantId, id, realm, role, email, name }: UserRow): SignedInUser {
  return { tenantId, userId: toId('usr', id), realm, role, email, name };
}

/** An e-mail address is unique per realm, so it finds its tenant by itself. */
export async function findUserByEmail(
  knex: Knex,
  { realm, email }: { realm: Realm; email: string },
): Promise<AppUser | null> {
  const { rows } = await knex.raw<{ rows: (UserRow & { password_hash: string })[] }>(
    `select u.tenant_id, u.id, u.realm, u.role, u.email, u.name, u.password_hash
     from app_user u where u.realm = ? and u.email = ? and u.disabled_at is null`,
    [realm, email],
  );
  const [row] = rows;
  return row === undefined ? null : { ...readUser(row), passwordHash: row.password_hash };
}

/** A colleague who can sign in; null for everybody else, users of other tenants included. */
export async function findActiveUser(knex: Knex, tenantId: TenantId, userId: UserId): Promise<SignedInUser | null> {
  const { rows } = await knex.raw<{ rows: UserRow[] }>(
    `select u.tenant_id, u.id, u.realm, u.role, u.email, u.name
     from app_user u where u.tenant_id = ? and u.id = ? and u.disabled_at is null`,
    [tenantId, toUuid(userId)],
  );
  const [row] = rows;
  return row === undefined ? null : readUser(row);
}

/** The name of somebody whom a row of the tenant points at, signed in or long gone. */
export async function requireUserName(knex: Knex, tenantId: TenantId, userId: UserId): Promise<string> {
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(
    `select u.name from app_user u where u.tenant_id = ? and u.id = ?`,
    [tenantId, toUuid(userId)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`user ${userId} does not exist`);
  return row.name;
}

/** Whoever changes what hangs on a user takes this lock first, so that no two wait for each other. */
export async function lockUser(trx: Knex.Transaction, tenantId: TenantId, userId: UserId): Promise<void> {
  await trx.raw(`select from app_user where app_user.tenant_id = ? and app_user.id = ? for no key update`, [
    tenantId,
    toUuid(userId),
  ]);
}

/** False where the hash is no longer the one that was checked: somebody else changed it first. */
export async function replacePasswordHash(
  trx: Knex,
  tenantId: TenantId,
  { userId, from, to }: { userId: UserId; from: string; to: string },
): Promise<boolean> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `update app_user set password_hash = :to
     where app_user.tenant_id = :tenantId and app_user.id = :userId and app_user.password_hash = :from
       and app_user.disabled_at is null`,
    { tenantId, userId: toUuid(userId), from, to },
  );
  return rowCount > 0;
}
