import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { lockTenant } from '../tenant.ts';
import { listWidgetOrigins } from '../widget-origin.ts';
import type { KeyMaker } from './add-widget-key.ts';

/** The whole list anew; from the commit on no other page may use any of the tenant's keys. */
export async function setWidgetOrigins(
  knex: Knex,
  tenantId: TenantId,
  { origins, actor, at }: KeyMaker & { origins: readonly string[] },
): Promise<string[]> {
  return knex.transaction(async (trx) => {
    // Two who save at once save one after the other: the list is one of theirs, never a mixture.
    await lockTenant(trx, tenantId);
    const before = await listWidgetOrigins(trx, tenantId);
    await trx.raw(
      `with gone as (
         delete from widget_origin
         where widget_origin.tenant_id = :tenantId and widget_origin.origin <> all(:origins::text[])
       )
       insert into widget_origin (tenant_id, origin, created_at)
       select :tenantId, wanted.origin, :at from unnest(:origins::text[]) as wanted (origin)
       on conflict (tenant_id, origin) do nothing`,
      { tenantId, origins: [...origins], at },
    );
    const after = await listWidgetOrigins(trx, tenantId);
    if (before.join() === after.join()) return after;
    await recordAudit(trx, tenantId, {
      actor,
      action: 'widget_origins.changed',
      objectType: 'tenant',
      objectId: tenantId,
      before: { origins: before },
      after: { origins: after },
      reason: null,
      at,
    });
    return after;
  });
}
