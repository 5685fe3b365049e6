import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { FIRST_WIDGET_SETTINGS, type WidgetSettings } from '#domain/widget-settings.ts';

export interface StoredWidgetSettings {
  settings: WidgetSettings;
  /** Null while nobody has changed any. */
  changedAt: Date | null;
}

export async function readWidgetSettings(knex: Knex, tenantId: TenantId): Promise<StoredWidgetSettings> {
  const { rows } = await knex.raw<{ rows: { document: WidgetSettings; changed_at: Date }[] }>(
    `select widget_settings.document, widget_settings.changed_at from widget_settings
     where widget_settings.tenant_id = ?`,
    [tenantId],
  );
  const [row] = rows;
  return row === undefined
    ? { settings: FIRST_WIDGET_SETTINGS, changedAt: null }
    : { settings: row.document, changedAt: row.changed_at };
}
