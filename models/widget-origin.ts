import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

/** A tenant's list, in the order of the alphabet. */
export async function listWidgetOrigins(knex: Knex, tenantId: TenantId): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { origin: string }[] }>(
    `select widget_origin.origin from widget_origin where widget_origin.tenant_id = ? order by widget_origin.origin`,
    [tenantId],
  );
  return rows.map(({ origin }) => origin);
}

/** Whether any tenant with a working key lists one of these entries: all that a preflight can be asked. */
export async function isListedByAnyone(knex: Knex, entries: readonly string[], at: Date): Promise<boolean> {
  const { rows } = await knex.raw<{ rows: { listed: boolean }[] }>(
    `select exists (
       select from widget_origin
       join widget_key on widget_key.tenant_id = widget_origin.tenant_id
       where widget_origin.origin = any(:entries) and (widget_key.ends_at is null or widget_key.ends_at > :at)
     ) as listed`,
    { entries: [...entries], at },
  );
  return rows[0]?.listed === true;
}
