import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';
import { FIRST_WIDGET_SETTINGS, type WidgetSettings } from '#domain/widget-settings.ts';

/** What the script on a page has to know of its tenant. */
export interface WidgetConfig {
  tenantId: TenantId;
  businessId: string;
  name: string;
  personaName: string;
  language: Language;
  privacyUrl: string | null;
  isActive: boolean;
  /** The key the page is to use; null where the tenant has none that works. */
  key: string | null;
  origins: string[];
  settings: WidgetSettings;
}

interface WidgetConfigRow {
  id: TenantId;
  business_id: string;
  name: string;
  persona_name: string;
  language: string;
  privacy_url: string | null;
  is_active: boolean;
  key: string | null;
  origins: string[];
  document: WidgetSettings | null;
}

export type WidgetOwner = { tenantId: string } | { key: string } | 'operator';

const OWNER = {
  tenant: `tenant.id = :name`,
  key: `tenant.id in (select given.tenant_id from widget_key as given
    where given.key = :name and (given.ends_at is null or given.ends_at > :at))`,
  operator: `tenant.is_operator`,
};

/** By the tenant's id, or by a key that works. The newest key that nobody has ended goes to pages that name none. */
export async function readWidgetConfig(knex: Knex, owner: WidgetOwner, at: Date): Promise<WidgetConfig | null> {
  const by = namedBy(owner);
  const { rows } = await knex.raw<{ rows: WidgetConfigRow[] }>(
    `select tenant.id, tenant.business_id, tenant.name, tenant.language, tenant.privacy_url,
       tenant.status = 'active' as is_active, persona_version.snapshot -> 'identity' ->> 'name' as persona_name,
       ${by.kind === 'key' ? ':name::text' : 'newest.key'} as key,
       array(select widget_origin.origin from widget_origin where widget_origin.tenant_id = tenant.id
         order by widget_origin.origin) as origins,
       widget_settings.document
     from tenant
     join persona on persona.tenant_id = tenant.id and persona.is_default
     join persona_version on persona_version.tenant_id = persona.tenant_id
       and persona_version.id = persona.live_version_id
     left join widget_settings on widget_settings.tenant_id = tenant.id
     left join lateral (
       select widget_key.key from widget_key
       where widget_key.tenant_id = tenant.id and (widget_key.ends_at is null or widget_key.ends_at > :at)
       order by widget_key.ends_at desc nulls first, widget_key.id desc limit 1
     ) as newest on true
     where ${OWNER[by.kind]}`,
    { name: by.name, at },
  );
  const [row] = rows;
  return row === undefined ? null : fromRow(row);
}

function namedBy(owner: WidgetOwner): { kind: keyof typeof OWNER; name: string } {
  if (owner === 'operator') return { kind: 'operator', name: '' };
  return 'key' in owner ? { kind: 'key', name: owner.key } : { kind: 'tenant', name: owner.tenantId };
}

function fromRow(row: WidgetConfigRow): WidgetConfig {
  return {
    tenantId: row.id,
    businessId: row.business_id,
    name: row.name,
    personaName: row.persona_name,
    language: isLanguage(row.language) ? row.language : 'en',
    privacyUrl: row.privacy_url,
    isActive: row.is_active,
    key: row.key,
    origins: row.origins,
    settings: row.document ?? FIRST_WIDGET_SETTINGS,
  };
}
