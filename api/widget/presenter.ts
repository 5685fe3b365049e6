import type { WidgetKeyView, WidgetScriptConfig, WidgetSettingsView } from '#contract/widget.ts';
import { fixedText } from '#domain/fixed-texts.ts';
import type { Language } from '#domain/languages.ts';
import { hashOfOrigin } from '#domain/widget-page.ts';
import { textColourOn } from '#domain/widget-settings.ts';
import type { WidgetConfig } from '#models/read/widget-config.ts';
import type { ListedWidgetKey } from '#models/read/widget-keys.ts';
import type { WidgetKey } from '#models/widget-key.ts';
import type { StoredWidgetSettings } from '#models/widget-settings.ts';

export function presentWidgetKey(key: WidgetKey & Partial<ListedWidgetKey>, at: Date): WidgetKeyView {
  return {
    id: key.id,
    key: key.key,
    name: key.name,
    state: stateOf(key, at),
    created_at: key.createdAt.toISOString(),
    ends_at: key.endsAt?.toISOString() ?? null,
    replaced_by: key.replacedBy ?? null,
  };
}

function stateOf({ endsAt }: WidgetKey, at: Date): WidgetKeyView['state'] {
  if (endsAt === null) return 'working';
  return endsAt > at ? 'ending' : 'ended';
}

export function presentWidgetSettings({ settings, changedAt }: StoredWidgetSettings): WidgetSettingsView {
  return { ...settings, changed_at: changedAt?.toISOString() ?? null };
}

/** What every visitor of the page may read. Other sites of the tenant stay unnamed: a page only looks for its own. */
export function presentScriptConfig(config: WidgetConfig): WidgetScriptConfig {
  const { settings, personaName: name } = config;
  const disclosureIn = (language: Language) => fixedText('disclosure', { language, name });
  return {
    tenant: config.tenantId,
    business_id: config.businessId,
    key: config.key,
    active: config.isActive,
    name,
    accent: settings.accent,
    accent_text: textColourOn(settings.accent),
    position: settings.position,
    language: settings.language,
    fallback_language: config.language,
    consent: settings.consent,
    texts: settings.texts,
    disclosure: {
      en: disclosureIn('en'),
      es: disclosureIn('es'),
      it: disclosureIn('it'),
      nl: disclosureIn('nl'),
      pl: disclosureIn('pl'),
    },
    privacy_url: config.privacyUrl,
    origins: config.origins.map(hashOfOrigin),
  };
}
