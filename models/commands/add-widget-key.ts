import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { insertWidgetKey, type WidgetKey } from '../widget-key.ts';

export interface KeyMaker {
  actor: Exclude<AuditActor, 'system'>;
  at: Date;
}

/** One per site and stage is plenty; a page that asks for keys in a loop is stopped here. */
export const WIDGET_KEYS_MAX = 50;

export type AddedKey = { kind: 'added'; key: WidgetKey } | { kind: 'limit' };

export async function addWidgetKey(
  knex: Knex,
  tenantId: TenantId,
  { name, actor, at }: KeyMaker & { name: string },
): Promise<AddedKey> {
  return knex.transaction(async (trx) => {
    if ((await countWorkingKeys(trx, tenantId, at)) >= WIDGET_KEYS_MAX) return { kind: 'limit' };
    const key = await insertWidgetKey(trx, tenantId, { name, createdBy: actor.userId, at });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'widget_key.created',
      objectType: 'widget_key',
      objectId: key.id,
      before: null,
      after: { name },
      reason: null,
      at,
    });
    return { kind: 'added', key };
  });
}

/** Under the tenant's lock: two who add at once count one after the other. */
async function countWorkingKeys(trx: Knex, tenantId: TenantId, at: Date): Promise<number> {
  await trx.raw(`select tenant.id from tenant where tenant.id = ? for no key update`, [tenantId]);
  const { rows } = await trx.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from widget_key
     where widget_key.tenant_id = :tenantId and (widget_key.ends_at is null or widget_key.ends_at > :at)`,
    { tenantId, at },
  );
  return rows[0]?.count ?? 0;
}
