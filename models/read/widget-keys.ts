import type { Knex } from 'knex';

import { toId, toUuid, type TenantId, type WidgetKeyId } from '#domain/ids.ts';

import type { WidgetKey } from '../widget-key.ts';

export interface ListedWidgetKey extends WidgetKey {
  replacedBy: WidgetKeyId | null;
}

interface WidgetKeyRow {
  id: string;
  key: string;
  name: string;
  created_at: Date;
  ends_at: Date | null;
  replaced_by: string | null;
}

/** A tenant's keys, newest first, those that no longer work included. */
export async function listWidgetKeys(
  knex: Knex,
  tenantId: TenantId,
  { before, limit }: { before: WidgetKeyId | null; limit: number },
): Promise<ListedWidgetKey[]> {
  const { rows } = await knex.raw<{ rows: WidgetKeyRow[] }>(
    `select widget_key.id, widget_key.key, widget_key.name, widget_key.created_at, widget_key.ends_at,
       widget_key.replaced_by
     from widget_key
     where widget_key.tenant_id = :tenantId and (:before::uuid is null or widget_key.id < :before::uuid)
     order by widget_key.id desc limit :limit`,
    { tenantId, before: before === null ? null : toUuid(before), limit },
  );
  return rows.map((row) => ({
    id: toId('wky', row.id),
    key: row.key,
    name: row.name,
    createdAt: row.created_at,
    endsAt: row.ends_at,
    replacedBy: row.replaced_by === null ? null : toId('wky', row.replaced_by),
  }));
}
