import type { Knex } from 'knex';

import { toId, type InviteId, type TenantId, type UserId } from '#domain/ids.ts';
import type { Role } from '#domain/permissions.ts';

interface Person {
  email: string;
  role: Role;
  createdAt: Date;
}

/** Somebody of the team, or somebody a seat is kept for. */
export type TeamEntry = Person &
  (
    | { state: 'member'; id: UserId; name: string }
    | { state: 'invited'; id: InviteId; name: string | null; expiresAt: Date }
  );

interface TeamRow {
  state: 'member' | 'invited';
  id: string;
  email: string;
  name: string | null;
  role: Role;
  created_at: Date;
  expires_at: Date | null;
}

/** Members and open invites in one list, in the order in which they were made. */
export async function listTeam(
  knex: Knex,
  tenantId: TenantId,
  { after, limit, at }: { after: string | null; limit: number; at: Date },
): Promise<TeamEntry[]> {
  const { rows } = await knex.raw<{ rows: TeamRow[] }>(TEAM, { tenantId, after, limit, at });
  return rows.map(readEntry);
}

const TEAM = `
  select team.state, team.id, team.email, team.name, team.role, team.created_at, team.expires_at
  from (
    select 'member' as state, app_user.id, app_user.email, app_user.name, app_user.role, app_user.created_at,
      null::timestamptz as expires_at
    from app_user where app_user.tenant_id = :tenantId and app_user.disabled_at is null
    union all
    select 'invited', invite.id, invite.email, invite.name, invite.role, invite.created_at, invite.expires_at
    from invite
    where invite.tenant_id = :tenantId and invite.accepted_at is null and invite.revoked_at is null
      and invite.expires_at > :at
  ) as team
  where :after::uuid is null or team.id > :after::uuid
  order by team.id limit :limit`;

function readEntry(row: TeamRow): TeamEntry {
  const { id, email, role, name, created_at: createdAt, expires_at: expiresAt } = row;
  const person = { email, role, createdAt };
  if (expiresAt === null) return { ...person, state: 'member', id: toId('usr', id), name: name ?? '' };
  return { ...person, state: 'invited', id: toId('inv', id), name, expiresAt };
}
