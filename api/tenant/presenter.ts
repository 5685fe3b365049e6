import type { TenantSettingsView } from '#contract/tenant.ts';
import { LANGUAGES } from '#domain/languages.ts';
import type { TenantProfile } from '#models/tenant-settings.ts';

export function presentTenantSettings(profile: TenantProfile): TenantSettingsView {
  return {
    id: profile.tenantId,
    business_id: profile.businessId,
    name: profile.name,
    status: profile.status,
    plan: profile.planKey,
    language: profile.language,
    languages: profile.languages ?? [...LANGUAGES],
    time_zone: profile.timeZone,
    transcript_days: profile.transcriptDays,
    privacy_url: profile.privacyUrl,
    fallback_contact: profile.fallbackContact,
    public_chat: profile.publicChat,
    created_at: profile.createdAt.toISOString(),
  };
}
