import { toId, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm, Role } from '#domain/permissions.ts';
import type { Knex } from 'knex';

/** A person who may sign in, with what the check of a password needs. */
export interface AppUser {
  tenantId: TenantId;
  userId: UserId;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
  passwordHash: string;
}

interface AppUserRow {
  tenant_id: TenantId;
  id: string;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
  password_hash: string;
}

/** An e-mail address is unique per realm, so it finds its tenant by itself. */
export async function findUserByEmail(
  knex: Knex,
  { realm, email }: { realm: Realm; email: string },
): Promise<AppUser | null> {
  const { rows } = await knex.raw<{ rows: AppUserRow[] }>(
    `select u.tenant_id, u.id, u.realm, u.role, u.email, u.name, u.password_hash
     from app_user u where u.realm = ? and u.email = ? and u.disabled_at is null`,
    [realm, email],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    tenantId: row.tenant_id,
    userId: toId('usr', row.id),
    realm: row.realm,
    role: row.role,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
  };
}
