import type { Knex } from 'knex';

import { toUuid, type TenantId, type WidgetKeyId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import type { KeyMaker } from './add-widget-key.ts';

/** The key stops working with the commit; revoked again it stays as it is. False where there is no such key. */
export async function revokeWidgetKey(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: KeyMaker & { id: WidgetKeyId },
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: { name: string; ends_at: Date | null }[] }>(
      `select widget_key.name, widget_key.ends_at from widget_key
       where widget_key.tenant_id = ? and widget_key.id = ? for update`,
      [tenantId, toUuid(id)],
    );
    const [key] = rows;
    if (key === undefined) return false;
    if (key.ends_at !== null && key.ends_at <= at) return true;
    await trx.raw(`update widget_key set ends_at = ? where widget_key.tenant_id = ? and widget_key.id = ?`, [
      at,
      tenantId,
      toUuid(id),
    ]);
    await recordAudit(trx, tenantId, {
      actor,
      action: 'widget_key.revoked',
      objectType: 'widget_key',
      objectId: id,
      before: { name: key.name, ends_at: key.ends_at },
      after: { name: key.name, ends_at: at },
      reason: null,
      at,
    });
    return true;
  });
}
