import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { changeWidgetSettings, type WidgetSettingsChange } from '#domain/widget-settings.ts';

import { recordAudit } from '../audit.ts';
import { lockTenant } from '../tenant.ts';
import { readWidgetSettings, type StoredWidgetSettings } from '../widget-settings.ts';
import type { KeyMaker } from './add-widget-key.ts';

export async function saveWidgetSettings(
  knex: Knex,
  tenantId: TenantId,
  { change, actor, at }: KeyMaker & { change: WidgetSettingsChange },
): Promise<StoredWidgetSettings> {
  return knex.transaction(async (trx) => {
    // Two who save different fields at once both keep theirs.
    await lockTenant(trx, tenantId);
    const { settings: before } = await readWidgetSettings(trx, tenantId);
    const settings = changeWidgetSettings(before, change);
    await trx.raw(
      `insert into widget_settings (tenant_id, document, changed_at) values (:tenantId, :document, :at)
       on conflict (tenant_id) do update set document = excluded.document, changed_at = excluded.changed_at`,
      { tenantId, document: JSON.stringify(settings), at },
    );
    await recordAudit(trx, tenantId, {
      actor,
      action: 'widget_settings.changed',
      objectType: 'tenant',
      objectId: tenantId,
      before,
      after: settings,
      reason: null,
      at,
    });
    return { settings, changedAt: at };
  });
}
