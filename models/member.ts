import type { Knex } from 'knex';

import { toId, toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm, Role } from '#domain/permissions.ts';
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
