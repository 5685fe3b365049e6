import type { ApiKeyId, TenantId, UserId } from '#domain/ids.ts';
import type { Knex } from 'knex';

export interface IdempotencyKey {
  tenantId: TenantId;
  /** Keys of two callers never meet, although they may choose the same text. */
  caller: UserId | ApiKeyId;
  route: string;
  key: string;
}

/** The body of an answer as it is kept: encrypted, because an answer may show a secret once. */
export interface SealedBody {
  key_id: string;
  sealed: string;
}

export interface StoredAnswer {
  requestHash: string;
  status: number | null;
  body: SealedBody | null;
  createdAt: Date;
}

/** As it is stored. What a caller sends has no space in it, so that nobody can write the name of somebody else. */
function keyOf({ caller, key }: IdempotencyKey): string {
  return `${caller} ${key}`;
}

/** A request that died without an answer gives its key back after a minute. */
export async function claimIdempotencyKey(
  knex: Knex,
  claim: IdempotencyKey,
  { requestHash, at, abandonedBefore }: { requestHash: string; at: Date; abandonedBefore: Date },
): Promise<boolean> {
  const { rows } = await knex.raw<{ rows: unknown[] }>(
    `insert into idempotency_key as k (tenant_id, route, key, request_hash, created_at) values (?, ?, ?, ?, ?)
     on conflict (tenant_id, route, key) do update set created_at = excluded.created_at
     where k.status is null and k.created_at < ? and k.request_hash = excluded.request_hash
     returning 1`,
    [claim.tenantId, claim.route, keyOf(claim), requestHash, at, abandonedBefore],
  );
  return rows.length > 0;
}

export async function findAnswer(knex: Knex, asked: IdempotencyKey): Promise<StoredAnswer | null> {
  const { rows } = await knex.raw<{
    rows: { request_hash: string; status: number | null; body: SealedBody | null; created_at: Date }[];
  }>(
    `select k.request_hash, k.status, k.body, k.created_at from idempotency_key k
     where k.tenant_id = ? and k.route = ? and k.key = ?`,
    [asked.tenantId, asked.route, keyOf(asked)],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { requestHash: row.request_hash, status: row.status, body: row.body, createdAt: row.created_at };
}

export async function storeAnswer(
  knex: Knex,
  answered: IdempotencyKey,
  { status, body }: { status: number; body: SealedBody },
): Promise<void> {
  await knex.raw(`update idempotency_key set status = ?, body = ? where tenant_id = ? and route = ? and key = ?`, [
    status,
    JSON.stringify(body),
    answered.tenantId,
    answered.route,
    keyOf(answered),
  ]);
}

export async function releaseIdempotencyKey(knex: Knex, claim: IdempotencyKey): Promise<void> {
  await knex.raw(`delete from idempotency_key where tenant_id = ? and route = ? and key = ? and status is null`, [
    claim.tenantId,
    claim.route,
    keyOf(claim),
  ]);
}
