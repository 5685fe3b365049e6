import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { isLanguage, LANGUAGES, type Language } from '#domain/languages.ts';

/** What a tenant decides for itself. */
export interface TenantSettings {
  name: string;
  language: Language;
  /** Null: every language of the product, those of later releases included. */
  languages: Language[] | null;
  timeZone: string;
  /** Null: conversations are kept until somebody erases them. */
  transcriptDays: number | null;
  privacyUrl: string | null;
  fallbackContact: string | null;
  publicChat: boolean;
}

export interface TenantProfile extends TenantSettings {
  tenantId: TenantId;
  businessId: string;
  status: 'active' | 'suspended';
  planKey: string | null;
  createdAt: Date;
}

interface ProfileRow {
  id: TenantId;
  business_id: string;
  name: string;
  status: 'active' | 'suspended';
  plan_key: string | null;
  language: string;
  languages: string[] | null;
  time_zone: string;
  transcript_days: number | null;
  privacy_url: string | null;
  fallback_contact: string | null;
  public_chat: boolean;
  created_at: Date;
}

const SELECT = `
  select tenant.id, tenant.business_id, tenant.name, tenant.status, subscription.plan_key, tenant.language,
    tenant.languages, tenant.time_zone, tenant.transcript_days, tenant.privacy_url, tenant.fallback_contact,
    tenant.public_chat, tenant.created_at
  from tenant left join subscription on subscription.tenant_id = tenant.id
  where tenant.id = ?`;

/** The tenant of someone who is signed in: a foreign key says that it is there. */
export async function readTenantProfile(knex: Knex, tenantId: TenantId): Promise<TenantProfile> {
  return required(await profileBy(knex, SELECT, tenantId));
}

/** Changes of one tenant come one after the other: the second sees what the first left. */
export async function lockTenantProfile(trx: Knex, tenantId: TenantId): Promise<TenantProfile | null> {
  return profileBy(trx, `${SELECT} for no key update of tenant`, tenantId);
}

export async function storeTenantSettings(trx: Knex, tenantId: TenantId, settings: TenantSettings): Promise<void> {
  await trx.raw(
    `update tenant set name = :name, language = :language, languages = :languages, time_zone = :timeZone,
       transcript_days = :transcriptDays, privacy_url = :privacyUrl, fallback_contact = :fallbackContact,
       public_chat = :publicChat
     where tenant.id = :tenantId`,
    { ...settings, tenantId },
  );
}

/** The name under which the database counts days by this zone; null where its list is older than ours. */
export async function findTimeZone(knex: Knex, name: string): Promise<string | null> {
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(
    `select known.name from pg_timezone_names as known where lower(known.name) = lower(?) limit 1`,
    [name],
  );
  return rows[0]?.name ?? null;
}

async function profileBy(knex: Knex, sql: string, tenantId: TenantId): Promise<TenantProfile | null> {
  const { rows } = await knex.raw<{ rows: ProfileRow[] }>(sql, [tenantId]);
  const [row] = rows;
  return row === undefined ? null : readProfile(row);
}

function required(profile: TenantProfile | null): TenantProfile {
  if (profile === null) throw new Error('the tenant of a signed-in caller is missing');
  return profile;
}

function readProfile(row: ProfileRow): TenantProfile {
  return {
    tenantId: row.id,
    businessId: row.business_id,
    name: row.name,
    status: row.status,
    planKey: row.plan_key,
    language: isLanguage(row.language) ? row.language : LANGUAGES[0],
    languages: row.languages?.filter(isLanguage) ?? null,
    timeZone: row.time_zone,
    transcriptDays: row.transcript_days,
    privacyUrl: row.privacy_url,
    fallbackContact: row.fallback_contact,
    publicChat: row.public_chat,
    createdAt: row.created_at,
  };
}
