import { z } from 'zod';

import { LANGUAGES } from '#domain/languages.ts';
import { normaliseOrigin, type OriginFault } from '#domain/widget-origin.ts';
import { WIDGET_POSITIONS } from '#domain/widget-settings.ts';

import { LIST_QUERY, listOf, prefixedId, TenantUuid, Timestamp } from './common.ts';

const NAME_LENGTH_MAX = 100;
const OVERLAP_HOURS_MAX = 720;
const ORIGINS_MAX = 100;
const TITLE_LENGTH_MAX = 60;
const GREETING_LENGTH_MAX = 300;

const WidgetKeyName = z
  .string()
  .normalize('NFC')
  .trim()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .meta({ description: 'For the list of keys; visitors never see it' });

export const AddWidgetKey = z.strictObject({ name: WidgetKeyName.default('Widget') }).meta({ id: 'AddWidgetKey' });
export type AddWidgetKey = z.output<typeof AddWidgetKey>;

export const RotateWidgetKey = z
  .strictObject({
    overlap_hours: z.int().min(0).max(OVERLAP_HOURS_MAX).default(24).meta({
      description: 'How long the old key goes on working; 0 ends it at once',
    }),
  })
  .meta({ id: 'RotateWidgetKey' });
export type RotateWidgetKey = z.output<typeof RotateWidgetKey>;

export const WidgetKeyParams = z.object({ id: prefixedId('wky') });
export type WidgetKeyParams = z.output<typeof WidgetKeyParams>;

export const WidgetKeyQuery = z.strictObject(LIST_QUERY);
export type WidgetKeyQuery = z.output<typeof WidgetKeyQuery>;

export const WidgetKeyView = z
  .object({
    id: prefixedId('wky'),
    key: z.string().meta({ description: 'Public: it stands in pages', example: 'pk_live_…' }),
    name: z.string(),
    state: z.enum(['working', 'ending', 'ended']),
    created_at: Timestamp,
    ends_at: Timestamp.nullable().meta({ description: 'When it stops working; null for ever' }),
    replaced_by: prefixedId('wky').nullable(),
  })
  .meta({ id: 'WidgetKey' });
export type WidgetKeyView = z.output<typeof WidgetKeyView>;

export const WidgetKeyList = listOf(WidgetKeyView).meta({ id: 'WidgetKeyList' });
export type WidgetKeyList = z.output<typeof WidgetKeyList>;

export const RotatedWidgetKey = WidgetKeyView.extend({
  replaces: z.object({ id: prefixedId('wky'), ends_at: Timestamp }),
}).meta({ id: 'RotatedWidgetKey' });
export type RotatedWidgetKey = z.output<typeof RotatedWidgetKey>;

/** What is wrong with an entry, and how it would be right. */
const ORIGIN_FAULTS: Readonly<Record<OriginFault, string>> = {
  not_an_origin: 'expected an origin such as https://www.example.com',
  wrong_scheme: 'an origin of a page begins with https:// (http:// for this machine only)',
  has_credentials: 'an origin has no user name',
  has_path: 'scheme, host and port only: no path, not even a slash at the end',
  trailing_dot: 'the host must not end with a dot',
  wrong_wildcard: 'a wildcard is one leading *. before a domain of at least two labels, as in https://*.example.com',
  http_needs_loopback: 'http is for localhost, 127.0.0.1 and [::1] only; other pages need https',
  too_long: 'too long for an origin',
};

const WidgetOrigin = z
  .string()
  .transform((text, ctx) => {
    const read = normaliseOrigin(text);
    if (read.kind === 'origin') return read.origin;
    ctx.addIssue({ code: 'custom', message: ORIGIN_FAULTS[read.fault] });
    return z.NEVER;
  })
  .meta({
    description: 'Scheme, host and port; one leading `*.` stands for any subdomain',
    example: 'https://example.com',
  });

export const SetWidgetOrigins = z
  .strictObject({
    origins: z
      .array(WidgetOrigin)
      .max(ORIGINS_MAX)
      .transform((origins) => [...new Set(origins)]),
  })
  .meta({ id: 'SetWidgetOrigins' });
export type SetWidgetOrigins = z.output<typeof SetWidgetOrigins>;

export const WidgetOrigins = z
  .object({ origins: z.array(z.string()).meta({ description: 'As browsers write them' }) })
  .meta({ id: 'WidgetOrigins' });
export type WidgetOrigins = z.output<typeof WidgetOrigins>;

const Accent = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i)
  .meta({ description: 'Colour of the button and the head', example: '#1d4ed8' });
const OwnText = (max: number) => z.string().normalize('NFC').trim().min(1).max(max);

const TextsChange = z.strictObject({
  title: OwnText(TITLE_LENGTH_MAX).nullable().optional(),
  greeting: OwnText(GREETING_LENGTH_MAX).nullable().optional(),
});
const TextsView = z.object({ title: z.string().nullable(), greeting: z.string().nullable() });

/** Absent leaves, null goes back to ours. */
export const ChangeWidgetSettings = z
  .strictObject({
    accent: Accent.nullable().optional(),
    position: z.enum(WIDGET_POSITIONS).nullable().optional(),
    language: z.enum(LANGUAGES).nullable().optional(),
    consent: z.enum(['none', 'required']).nullable().optional(),
    texts: z.strictObject(ofLanguages(TextsChange.nullable().optional())).nullable().optional(),
  })
  .meta({ id: 'ChangeWidgetSettings' });
export type ChangeWidgetSettings = z.output<typeof ChangeWidgetSettings>;

export const WidgetSettingsView = z
  .object({
    accent: z.string(),
    position: z.enum(WIDGET_POSITIONS),
    language: z.enum(LANGUAGES).nullable().meta({ description: 'Null = the language of the page' }),
    consent: z.enum(['none', 'required']),
    texts: z.object(ofLanguages(TextsView)).meta({ description: 'Your own words; null for ours' }),
    changed_at: Timestamp.nullable(),
  })
  .meta({ id: 'WidgetSettings' });
export type WidgetSettingsView = z.output<typeof WidgetSettingsView>;

export const WidgetInstall = z
  .object({
    snippets: z.object({
      canonical: z.string().meta({ description: 'Names the tenant; keys rotate without touching the page' }),
      legacy: z.string().nullable().meta({ description: 'Names a key; null while none works' }),
    }),
    csp: z.array(z.string()).meta({ description: 'What a page with a Content-Security-Policy adds to it' }),
    origins: z.array(z.string()),
    missing_origins: z.array(z.string()).meta({
      description: 'Pages that asked for the widget since this server started and are not on the list',
    }),
  })
  .meta({ id: 'WidgetInstall' });
export type WidgetInstall = z.output<typeof WidgetInstall>;

export const WidgetScriptParams = z.object({ tenant_id: TenantUuid });
export type WidgetScriptParams = z.output<typeof WidgetScriptParams>;

export const WidgetConfigParams = z.object({
  owner: z.union([TenantUuid, z.string().regex(/^pk_live_[\w-]{43}$/)]).meta({ description: 'Tenant, or widget key' }),
});
export type WidgetConfigParams = z.output<typeof WidgetConfigParams>;

export const WidgetPanelParams = z.object({ hash: z.string().regex(/^[0-9a-f]{16}$/) });
export type WidgetPanelParams = z.output<typeof WidgetPanelParams>;

/** What the script in a page is told. Nothing in here is secret: every visitor of the page can read it. */
export const WidgetScriptConfig = z
  .object({
    tenant: TenantUuid,
    business_id: z.string(),
    key: z.string().nullable(),
    active: z.boolean(),
    name: z.string(),
    accent: z.string(),
    accent_text: z.string().meta({ description: 'The colour of text on it' }),
    position: z.enum(WIDGET_POSITIONS),
    language: z.enum(LANGUAGES).nullable(),
    fallback_language: z.enum(LANGUAGES),
    consent: z.enum(['none', 'required']),
    texts: z.object(ofLanguages(TextsView)),
    disclosure: z.object(ofLanguages(z.string())),
    privacy_url: z.string().nullable(),
    origins: z.array(z.string()).meta({ description: 'FNV-1a hashes (32 bits) of the listed origins' }),
  })
  .meta({ id: 'WidgetScriptConfig' });
export type WidgetScriptConfig = z.output<typeof WidgetScriptConfig>;

function ofLanguages<Schema extends z.ZodType>(schema: Schema) {
  return { en: schema, es: schema, it: schema, nl: schema, pl: schema };
}
