import { randomBytes } from 'node:crypto';

import type { Knex } from 'knex';

import { toUuid, type TenantId, type UserId, type WidgetKeyId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

/** Public: it stands in pages, and opens only what the tenant's list of origins lets through. */
export interface WidgetKey {
  id: WidgetKeyId;
  key: string;
  name: string;
  createdAt: Date;
  /** When it stops working; null for ever, in the past for a revoked one. */
  endsAt: Date | null;
}

export interface NewWidgetKey {
  name: string;
  createdBy: UserId;
  at: Date;
}

export async function insertWidgetKey(trx: Knex, tenantId: TenantId, wanted: NewWidgetKey): Promise<WidgetKey> {
  const { name, createdBy, at } = wanted;
  const id = newId('wky');
  const key = `pk_live_${randomBytes(32).toString('base64url')}`;
  await trx.raw(`insert into widget_key (tenant_id, id, key, name, created_by, created_at) values (?, ?, ?, ?, ?, ?)`, [
    tenantId,
    toUuid(id),
    key,
    name,
    toUuid(createdBy),
    at,
  ]);
  return { id, key, name, createdAt: at, endsAt: null };
}

/** One per site and stage is plenty; a program that asks for keys in a loop is stopped here. */
export const WIDGET_KEYS_MAX = 50;

/** Whether there is room for one more. Holds only under the tenant's lock. */
export async function hasRoomForKey(trx: Knex, tenantId: TenantId, at: Date): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from widget_key
     where widget_key.tenant_id = :tenantId and (widget_key.ends_at is null or widget_key.ends_at > :at)`,
    { tenantId, at },
  );
  return (rows[0]?.count ?? 0) < WIDGET_KEYS_MAX;
}
