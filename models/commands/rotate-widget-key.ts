import type { Knex } from 'knex';

import { toUuid, type TenantId, type WidgetKeyId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { lockTenant } from '../tenant.ts';
import { hasRoomForKey, insertWidgetKey, type WidgetKey } from '../widget-key.ts';
import type { KeyMaker } from './add-widget-key.ts';

export type RotatedKey =
  | { kind: 'rotated'; key: WidgetKey; oldEndsAt: Date }
  | { kind: 'missing' }
  | { kind: 'ended' }
  | { kind: 'limit' };

const HOUR_MS = 3_600_000;

/** A new key; the old one works until the overlap is over, while pages and caches still hold it. */
export async function rotateWidgetKey(
  knex: Knex,
  tenantId: TenantId,
  { id, overlapHours, actor, at }: KeyMaker & { id: WidgetKeyId; overlapHours: number },
): Promise<RotatedKey> {
  const oldEndsAt = new Date(at.getTime() + overlapHours * HOUR_MS);
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    const { rows } = await trx.raw<{ rows: { name: string; ends_at: Date | null }[] }>(
      `select widget_key.name, widget_key.ends_at from widget_key
       where widget_key.tenant_id = ? and widget_key.id = ? for update`,
      [tenantId, toUuid(id)],
    );
    const [old] = rows;
    if (old === undefined) return { kind: 'missing' };
    // Revoked, or rotated before: who rotates twice would have two keys to hand out.
    if (old.ends_at !== null) return { kind: 'ended' };
    // As long as the old key works there is one more.
    if (oldEndsAt > at && !(await hasRoomForKey(trx, tenantId, at))) return { kind: 'limit' };
    const key = await insertWidgetKey(trx, tenantId, { name: old.name, createdBy: actor.userId, at });
    await trx.raw(
      `update widget_key set ends_at = :oldEndsAt, replaced_by = :successor
       where widget_key.tenant_id = :tenantId and widget_key.id = :id`,
      { tenantId, id: toUuid(id), oldEndsAt, successor: toUuid(key.id) },
    );
    await recordAudit(trx, tenantId, {
      actor,
      action: 'widget_key.rotated',
      objectType: 'widget_key',
      objectId: id,
      before: { name: old.name, ends_at: null },
      after: { name: old.name, ends_at: oldEndsAt, replaced_by: key.id },
      reason: null,
      at,
    });
    return { kind: 'rotated', key, oldEndsAt };
  });
}
