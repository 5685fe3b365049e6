import type { Knex } from 'knex';

import { toId, toUuid, type InviteId, type TenantId, type UserId } from '#domain/ids.ts';
import type { Role } from '#domain/permissions.ts';
import { newId } from '#platform/new-id.ts';

/** A seat kept for somebody who has not joined yet. Open until it is accepted, revoked, or its time is over. */
export interface Invite {
  id: InviteId;
  email: string;
  name: string | null;
  role: Role;
  createdAt: Date;
  expiresAt: Date;
}

export interface NewInvite {
  email: string;
  name: string | null;
  role: Role;
  tokenHash: string;
  invitedBy: UserId;
  at: Date;
  expiresAt: Date;
}

export interface InviteRow {
  id: string;
  email: string;
  name: string | null;
  role: Role;
  created_at: Date;
  expires_at: Date;
}

const COLUMNS = `invite.id, invite.email, invite.name, invite.role, invite.created_at, invite.expires_at`;

export async function insertInvite(trx: Knex, tenantId: TenantId, invite: NewInvite): Promise<Invite> {
  const { email, name, role, at, expiresAt } = invite;
  const id = newId('inv');
  await trx.raw(
    `insert into invite (tenant_id, id, email, name, role, token_hash, invited_by, created_at, expires_at)
     values (:tenantId, :id, :email, :name, :role, :tokenHash, :invitedBy, :at, :expiresAt)`,
    { ...invite, tenantId, id: toUuid(id), invitedBy: toUuid(invite.invitedBy) },
  );
  return { id, email, name, role, createdAt: at, expiresAt };
}

type NamedInvite = { id: InviteId } | { email: string };

/** What is open for this id or address, whether its time is over or not. */
export async function findInvite(knex: Knex, tenantId: TenantId, named: NamedInvite): Promise<Invite | null> {
  const [column, value] = columnOf(named);
  const { rows } = await knex.raw<{ rows: InviteRow[] }>(
    `select ${COLUMNS} from invite
     where invite.tenant_id = :tenantId and invite.${column} = :value and invite.accepted_at is null
       and invite.revoked_at is null`,
    { tenantId, value },
  );
  return rows[0] === undefined ? null : readInvite(rows[0]);
}

function columnOf(named: NamedInvite): ['id' | 'email', string] {
  return 'id' in named ? ['id', toUuid(named.id)] : ['email', named.email];
}

/** Takes one back. Nobody accepts it meanwhile: that needs the tenant's lock as well. */
export async function revokeInvite(
  trx: Knex,
  tenantId: TenantId,
  { id, at }: { id: InviteId; at: Date },
): Promise<void> {
  await trx.raw(
    `update invite set revoked_at = :at
     where invite.tenant_id = :tenantId and invite.id = :id and invite.accepted_at is null
       and invite.revoked_at is null`,
    { tenantId, id: toUuid(id), at },
  );
}

/** Those that somebody sent to other roles than these: who can no longer invite to a role has nobody come in by it. */
export async function revokeInvitesOf(
  trx: Knex,
  tenantId: TenantId,
  { userId, keptRoles, at }: { userId: UserId; keptRoles: readonly Role[]; at: Date },
): Promise<InviteId[]> {
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `update invite set revoked_at = :at
     where invite.tenant_id = :tenantId and invite.invited_by = :userId and invite.accepted_at is null
       and invite.revoked_at is null and invite.role <> all(:keptRoles::text[])
     returning invite.id`,
    { tenantId, userId: toUuid(userId), keptRoles: [...keptRoles], at },
  );
  return rows.map(({ id }) => toId('inv', id));
}

const OPEN = `invite.token_hash = :tokenHash and invite.accepted_at is null and invite.revoked_at is null
  and invite.expires_at > :at`;

/** Whose team a token lets somebody into. The hash of a token is unique by itself: it finds the tenant. */
export async function findInvitingTenant(knex: Knex, sent: { tokenHash: string; at: Date }): Promise<TenantId | null> {
  const { rows } = await knex.raw<{ rows: { tenant_id: TenantId }[] }>(
    `select invite.tenant_id from invite where ${OPEN}`,
    { ...sent },
  );
  return rows[0]?.tenant_id ?? null;
}

/** Of all who accept at once, one gets in; the others find nothing. */
export async function takeInvite(
  trx: Knex.Transaction,
  tenantId: TenantId,
  sent: { tokenHash: string; at: Date },
): Promise<Invite | null> {
  const { rows } = await trx.raw<{ rows: InviteRow[] }>(
    `update invite set accepted_at = :at where invite.tenant_id = :tenantId and ${OPEN} returning ${COLUMNS}`,
    { ...sent, tenantId },
  );
  return rows[0] === undefined ? null : readInvite(rows[0]);
}

/** Mails that went out since then: each invite sent one. */
export async function countInvites(knex: Knex, tenantId: TenantId, { since }: { since: Date }): Promise<number> {
  const { rows } = await knex.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from invite where invite.tenant_id = ? and invite.created_at > ?`,
    [tenantId, since],
  );
  return rows[0]?.count ?? 0;
}

function readInvite(row: InviteRow): Invite {
  const { id, created_at: createdAt, expires_at: expiresAt, email, name, role } = row;
  return { id: toId('inv', id), email, name, role, createdAt, expiresAt };
}
