import type { Knex } from 'knex';

import { toId, toUuid, type ApiKeyId, type TenantId, type UserId } from '#domain/ids.ts';
import { isPermission, type Permission } from '#domain/permissions.ts';

import { readUser, type SignedInUser, type UserRow } from './app-user.ts';

export interface ApiKey {
  id: ApiKeyId;
  name: string;
  /** The last four characters of the secret: enough to tell keys apart, far too few to guess one. */
  hint: string;
  scopes: Permission[];
  createdBy: { id: UserId; name: string };
  createdAt: Date;
  lastUsedAt: Date | null;
}

interface ApiKeyRow {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  created_by: string;
  creator_name: string;
  created_at: Date;
  last_used_at: Date | null;
}

const COLUMNS = `api_key.id, api_key.name, api_key.hint, api_key.scopes, api_key.created_by,
  creator.name as creator_name, api_key.created_at, api_key.last_used_at`;
const WITH_CREATOR = `join app_user as creator on creator.tenant_id = api_key.tenant_id
  and creator.id = api_key.created_by`;

const WRITTEN = `tenant_id, id, name, hint, scopes, created_by, created_at, last_used_at`;

export interface NewApiKey {
  id: ApiKeyId;
  name: string;
  secretHash: string;
  hint: string;
  scopes: readonly Permission[];
  createdBy: UserId;
  at: Date;
}

export async function insertApiKey(trx: Knex, tenantId: TenantId, key: NewApiKey): Promise<ApiKey> {
  const { rows } = await trx.raw<{ rows: ApiKeyRow[] }>(
    `with api_key as (
       insert into api_key (tenant_id, id, name, secret_hash, hint, scopes, created_by, created_at)
       values (:tenantId, :id, :name, :secretHash, :hint, :scopes, :createdBy, :at)
       returning ${WRITTEN}
     )
     select ${COLUMNS} from api_key ${WITH_CREATOR}`,
    { ...key, tenantId, id: toUuid(key.id), scopes: [...key.scopes], createdBy: toUuid(key.createdBy) },
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the key ${key.id} was not stored`);
  return readApiKey(row);
}

/** Keys that were not revoked, newest first. */
export async function listApiKeys(
  knex: Knex,
  tenantId: TenantId,
  { before, limit }: { before: ApiKeyId | null; limit: number },
): Promise<ApiKey[]> {
  const { rows } = await knex.raw<{ rows: ApiKeyRow[] }>(
    `select ${COLUMNS} from api_key ${WITH_CREATOR}
     where api_key.tenant_id = :tenantId and api_key.revoked_at is null
       ${before === null ? '' : 'and api_key.id < :before'}
     order by api_key.id desc limit :limit`,
    { tenantId, limit, ...(before === null ? {} : { before: toUuid(before) }) },
  );
  return rows.map(readApiKey);
}

export async function countApiKeys(knex: Knex, tenantId: TenantId): Promise<number> {
  const { rows } = await knex.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from api_key where api_key.tenant_id = ? and api_key.revoked_at is null`,
    [tenantId],
  );
  return rows[0]?.count ?? 0;
}

/** Null where the tenant has no such key, or no more. */
export async function revokeApiKey(
  trx: Knex,
  tenantId: TenantId,
  { id, at }: { id: ApiKeyId; at: Date },
): Promise<ApiKey | null> {
  const { rows } = await trx.raw<{ rows: ApiKeyRow[] }>(
    `with api_key as (
       update api_key set revoked_at = :at
       where api_key.tenant_id = :tenantId and api_key.id = :id and api_key.revoked_at is null
       returning ${WRITTEN}
     )
     select ${COLUMNS} from api_key ${WITH_CREATOR}`,
    { tenantId, id: toUuid(id), at },
  );
  const [row] = rows;
  return row === undefined ? null : readApiKey(row);
}

/** All keys of one maker, such as somebody who leaves; returns those that still worked. */
export async function revokeApiKeysOf(
  trx: Knex,
  tenantId: TenantId,
  { userId, at }: { userId: UserId; at: Date },
): Promise<ApiKeyId[]> {
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `update api_key set revoked_at = :at
     where api_key.tenant_id = :tenantId and api_key.created_by = :userId and api_key.revoked_at is null
     returning api_key.id`,
    { tenantId, userId: toUuid(userId), at },
  );
  return rows.map(({ id }) => toId('key', id));
}

/** A program, and the person in whose name it may act. */
export interface KeyHolder {
  user: SignedInUser;
  apiKeyId: ApiKeyId;
  apiKeyName: string;
  scopes: Permission[];
  tenantStatus: 'active' | 'suspended';
}

interface HolderRow extends UserRow {
  key_id: string;
  key_name: string;
  scopes: string[];
  tenant_status: 'active' | 'suspended';
}

const USED_AGAIN_MS = 60_000;

/**
 * Whose key this is; null for a revoked one, and for one whose maker is gone. The hash of a secret is unique by itself:
 * it finds the tenant. That it was used is noted once a minute, by the same statement.
 */
export async function findKeyHolder(
  knex: Knex,
  { secretHash, at }: { secretHash: string; at: Date },
): Promise<KeyHolder | null> {
  const { rows } = await knex.raw<{ rows: HolderRow[] }>(FIND_HOLDER, {
    secretHash,
    at,
    usedBefore: new Date(at.getTime() - USED_AGAIN_MS),
  });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    user: readUser(row),
    apiKeyId: toId('key', row.key_id),
    apiKeyName: row.key_name,
    scopes: row.scopes.filter(isPermission),
    tenantStatus: row.tenant_status,
  };
}

// The condition stands on the row that is written: of many requests at once the first writes, the others pass.
const FIND_HOLDER = `
  with holder as (
    select api_key.id as key_id, api_key.name as key_name, api_key.scopes, tenant.status as tenant_status,
      app_user.tenant_id, app_user.id, app_user.realm, app_user.role, app_user.email, app_user.name
    from api_key
    join app_user on app_user.tenant_id = api_key.tenant_id and app_user.id = api_key.created_by
    join tenant on tenant.id = api_key.tenant_id
    where api_key.secret_hash = :secretHash and api_key.revoked_at is null and app_user.disabled_at is null
  ), used as (
    update api_key set last_used_at = :at from holder
    where api_key.tenant_id = holder.tenant_id and api_key.id = holder.key_id
      and (api_key.last_used_at is null or api_key.last_used_at <= :usedBefore)
  )
  select holder.key_id, holder.key_name, holder.scopes, holder.tenant_status, holder.tenant_id, holder.id, holder.realm,
    holder.role, holder.email, holder.name
  from holder`;

function readApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: toId('key', row.id),
    name: row.name,
    hint: row.hint,
    scopes: row.scopes.filter(isPermission),
    createdBy: { id: toId('usr', row.created_by), name: row.creator_name },
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
