import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { lockTenant } from '../tenant.ts';
import { hasRoomForKey, insertWidgetKey, type WidgetKey } from '../widget-key.ts';

export interface KeyMaker {
  actor: Exclude<AuditActor, 'system'>;
  at: Date;
}

export type AddedKey = { kind: 'added'; key: WidgetKey } | { kind: 'limit' };

export async function addWidgetKey(
  knex: Knex,
  tenantId: TenantId,
  { name, actor, at }: KeyMaker & { name: string },
): Promise<AddedKey> {
  return knex.transaction(async (trx) => {
    await lockTenant(trx, tenantId);
    if (!(await hasRoomForKey(trx, tenantId, at))) return { kind: 'limit' };
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
