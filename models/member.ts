import type { Knex } from 'knex';

import { toId, toUuid, type ApiKeyId, type TenantId, type UserId } from '#domain/ids.ts';
import { permissionsOf, type Permission, type Realm, type Role } from '#domain/permissions.ts';
import { keeperRole } from '#domain/team-role.ts';

/** Somebody of a team, as colleagues see them. */
export interface Member {
  id: UserId;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
  createdAt: Date;
}

/** Whoever changes a team, as they came in. */
export interface TeamActor {
  userId: UserId;
  apiKeyId: ApiKeyId | null;
  realm: Realm;
  permissions: ReadonlySet<Permission>;
}

interface MemberRow {
  id: string;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
  created_at: Date;
}

const COLUMNS = `app_user.id, app_user.realm, app_user.role, app_user.email, app_user.name, app_user.created_at`;

/** Null for whoever is not, or no longer, of this team. */
export async function findMember(knex: Knex, tenantId: TenantId, id: UserId): Promise<Member | null> {
  const { rows } = await knex.raw<{ rows: MemberRow[] }>(
    `select ${COLUMNS} from app_user
     where app_user.tenant_id = ? and app_user.id = ? and app_user.disabled_at is null`,
    [tenantId, toUuid(id)],
  );
  return rows[0] === undefined ? null : readMember(rows[0]);
}

/**
 * What the actor may do now, where that still includes the team; nothing otherwise. Under the tenant's lock: whoever
 * waited for it may have been removed, or have got a smaller role, by the one who held it.
 */
export async function teamPowers(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { userId, permissions }: TeamActor,
): Promise<ReadonlySet<Permission>> {
  const member = await findMember(trx, tenantId, userId);
  const permitted = member === null ? null : permissionsOf(member);
  if (permitted?.has('team.manage') !== true) return new Set();
  return new Set([...permissions].filter((permission) => permitted.has(permission)));
}

export async function updateMember(
  trx: Knex,
  tenantId: TenantId,
  { id, role, name }: { id: UserId; role: Role; name: string },
): Promise<void> {
  await trx.raw(
    `update app_user set role = :role, name = :name
     where app_user.tenant_id = :tenantId and app_user.id = :id and app_user.disabled_at is null`,
    { tenantId, id: toUuid(id), role, name },
  );
}

export async function disableMember(
  trx: Knex,
  tenantId: TenantId,
  { id, at }: { id: UserId; at: Date },
): Promise<void> {
  await trx.raw(`update app_user set disabled_at = ? where app_user.tenant_id = ? and app_user.id = ?`, [
    at,
    tenantId,
    toUuid(id),
  ]);
}

/** Whether nobody else could let people in. Holds only under the tenant's lock. */
export async function isLastKeeper(knex: Knex, tenantId: TenantId, { id, realm, role }: Member): Promise<boolean> {
  if (role !== keeperRole(realm)) return false;
  const { rows } = await knex.raw<{ rows: unknown[] }>(
    `select 1 from app_user
     where app_user.tenant_id = ? and app_user.role = ? and app_user.disabled_at is null and app_user.id <> ? limit 1`,
    [tenantId, role, toUuid(id)],
  );
  return rows.length === 0;
}

function readMember({ id, realm, role, email, name, created_at: createdAt }: MemberRow): Member {
  return { id: toId('usr', id), realm, role, email, name, createdAt };
}
