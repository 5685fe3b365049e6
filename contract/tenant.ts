import { LANGUAGES } from '#domain/languages.ts';
import { isTimeZone } from '#domain/time-zone.ts';
import { z } from 'zod';

import { Name, TenantView } from './auth.ts';
import { Timestamp } from './common.ts';

const Language = z.enum(LANGUAGES);
const TRANSCRIPT_DAYS_MAX = 3650;

const Settings = {
  name: Name.meta({ example: 'Café Ñandú' }),
  language: Language.meta({ description: 'Of fixed texts, where a visitor’s own is not known' }),
  languages: z.array(Language).min(1).max(LANGUAGES.length),
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'Not a time zone of the IANA list')
    .meta({ description: 'Of the IANA list; days of reports begin by it', example: 'Europe/Madrid' }),
  transcript_days: z.int().min(1).max(TRANSCRIPT_DAYS_MAX),
  privacy_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .meta({ example: 'https://example.com/privacy' }),
  fallback_contact: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ description: 'Whom visitors may turn to where Bob cannot help', example: 'help@example.com' }),
  public_chat: z.boolean().meta({ description: 'Whether POST /api/chat takes messages for this business' }),
};

/** Absent leaves as it is, null clears. */
export const ChangeTenant = z
  .strictObject({
    name: Settings.name.optional(),
    language: Settings.language.optional(),
    languages: Settings.languages.nullable().optional().meta({ description: 'Null: every language of the product' }),
    time_zone: Settings.time_zone.optional(),
    transcript_days: Settings.transcript_days.nullable().optional().meta({ description: 'Null: kept until erased' }),
    privacy_url: Settings.privacy_url.nullable().optional(),
    fallback_contact: Settings.fallback_contact.nullable().optional(),
    public_chat: Settings.public_chat.optional(),
  })
  .meta({ id: 'ChangeTenant' });
export type ChangeTenant = z.infer<typeof ChangeTenant>;

export const TenantSettingsView = z
  .object({
    ...TenantView.shape,
    language: Language,
    languages: z.array(Language),
    time_zone: z.string(),
    transcript_days: z
      .int()
      .nullable()
      .meta({ description: 'How long conversations are to be kept; null: until erased. Nothing is deleted by it yet' }),
    privacy_url: z.string().nullable(),
    fallback_contact: z.string().nullable(),
    public_chat: z.boolean(),
    created_at: Timestamp,
  })
  .meta({ id: 'TenantSettings' });
export type TenantSettingsView = z.infer<typeof TenantSettingsView>;
