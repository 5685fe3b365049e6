import { z } from 'zod';

import { LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';

const NAME_LENGTH_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 1000;
const TONE_LENGTH_MAX = 200;
const SYSTEM_PROMPT_LENGTH_MAX = 20_000;
const CHANGELOG_LENGTH_MAX = 500;
const VERSION_NUMBER_MAX = 2_147_483_647;

/** Counted after composition and without the blanks around it. */
function words(lengthMax: number) {
  return z.string().normalize('NFC').trim().max(lengthMax);
}

function neededWords(lengthMax: number) {
  return words(lengthMax).regex(/\S/, 'expected words');
}

const Name = neededWords(NAME_LENGTH_MAX).meta({ description: 'What visitors call it', example: 'Bob' });
const Description = words(DESCRIPTION_LENGTH_MAX).meta({ description: 'For your team' });
const Tone = words(TONE_LENGTH_MAX).meta({ example: 'friendly, clear and brief' });
const SystemPrompt = neededWords(SYSTEM_PROMPT_LENGTH_MAX).meta({
  description: 'For whom it speaks, and what it can do',
  example: 'You are Bob, the AI assistant of Mill & Sons. You answer questions about flour.',
});

export const CreatePersona = z
  .strictObject({
    name: Name,
    description: Description.default(''),
    tone: Tone.default(''),
    systemPrompt: SystemPrompt,
  })
  .meta({ id: 'CreatePersona' });
export type CreatePersona = z.infer<typeof CreatePersona>;

export const EditPersona = z
  .strictObject({
    name: Name.optional(),
    description: Description.optional(),
    tone: Tone.optional(),
    systemPrompt: SystemPrompt.optional(),
  })
  .meta({ id: 'EditPersona' });
export type EditPersona = z.infer<typeof EditPersona>;

const Changelog = neededWords(CHANGELOG_LENGTH_MAX).meta({
  description: 'What is different now, and why',
  example: 'Names the new opening hours',
});
const OverrideReason = neededWords(CHANGELOG_LENGTH_MAX).meta({
  description:
    'Why it is published in spite of a failed check; stands in the audit log. Needs `persona.publish_override`.',
});

export const PublishPersona = z
  .strictObject({ changelog: Changelog, override_reason: OverrideReason.optional() })
  .meta({ id: 'PublishPersona' });
export type PublishPersona = z.infer<typeof PublishPersona>;

/** A POST without fields takes no body, or an empty object. */
export const NoFields = z.strictObject({}).meta({ id: 'NoFields' });
export type NoFields = z.infer<typeof NoFields>;

const VersionNumber = z.coerce.number().int().min(1).max(VERSION_NUMBER_MAX).meta({ example: 1 });

export const PersonaParams = z.object({ id: prefixedId('per') });
export type PersonaParams = z.infer<typeof PersonaParams>;

export const PersonaVersionParams = PersonaParams.extend({ n: VersionNumber });
export type PersonaVersionParams = z.infer<typeof PersonaVersionParams>;

export const PersonaDiffParams = PersonaVersionParams.extend({ m: VersionNumber });
export type PersonaDiffParams = z.infer<typeof PersonaDiffParams>;

export const PersonaQuery = z.object({
  ...LIST_QUERY,
  archived: z.enum(['true', 'false']).default('false').meta({ description: 'The archived ones instead' }),
});
export type PersonaQuery = z.infer<typeof PersonaQuery>;

export const PersonaVersionQuery = z.object(LIST_QUERY);
export type PersonaVersionQuery = z.infer<typeof PersonaVersionQuery>;

export const IfMatch = z.object({
  'If-Match': z
    .string()
    .optional()
    .meta({ description: 'The ETag of the content that you have seen; another one now is 412 `stale-draft`' }),
});

const ContentHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256 of the snapshot in the canonical form of RFC 8785' });

export const PersonaView = z
  .object({
    id: prefixedId('per'),
    slug: z.string().meta({ description: 'Its name in addresses and scripts' }),
    name: z.string().meta({ description: 'This and the next three: the draft, or the live version without one' }),
    description: z.string(),
    tone: z.string(),
    systemPrompt: z.string(),
    content_hash: ContentHash,
    is_default: z.boolean().meta({ description: 'Conversations that name no persona begin under it' }),
    draft: z
      .object({
        based_on: z.int().nullable().meta({ description: 'The version that was live when it was begun' }),
        saved_at: Timestamp,
        saved_by: prefixedId('usr').nullable(),
      })
      .nullable()
      .meta({ description: 'Null when nothing waits to be published' }),
    live: z
      .object({ version: z.int(), content_hash: ContentHash, published_at: Timestamp })
      .nullable()
      .meta({ description: 'What new conversations begin under; null before the first publication' }),
    created_at: Timestamp,
    archived_at: Timestamp.nullable(),
  })
  .meta({ id: 'Persona' });
export type PersonaView = z.infer<typeof PersonaView>;

export const PersonaList = listOf(PersonaView).meta({ id: 'PersonaList' });
export type PersonaList = z.infer<typeof PersonaList>;

export const PersonaVersionView = z
  .object({
    persona_id: prefixedId('per'),
    number: z.int().min(1),
    state: z.enum(['published', 'retired', 'recalled']).meta({ description: '`published` is the live one' }),
    source: z.enum(['edit', 'restore', 'import']),
    parent: z.int().nullable().meta({ description: 'The version that it was made from' }),
    changelog: z.string(),
    content_hash: ContentHash,
    created_by: prefixedId('usr').nullable(),
    published_by: prefixedId('usr').nullable(),
    published_at: Timestamp,
  })
  .meta({ id: 'PersonaVersion' });
export type PersonaVersionView = z.infer<typeof PersonaVersionView>;

export const PersonaVersionList = listOf(PersonaVersionView).meta({ id: 'PersonaVersionList' });
export type PersonaVersionList = z.infer<typeof PersonaVersionList>;

export const WholePersonaVersion = PersonaVersionView.extend({
  schema_version: z.int(),
  snapshot: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What is hashed, whole; members as they are stored' }),
}).meta({ id: 'WholePersonaVersion' });
export type WholePersonaVersion = z.infer<typeof WholePersonaVersion>;

const SnapshotChange = z
  .object({
    op: z.enum(['add', 'remove', 'replace']),
    pointer: z.string().meta({ description: 'JSON Pointer into the snapshot', example: '/instructions/systemPrompt' }),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'SnapshotChange' });

export const PersonaDiff = z
  .object({ from: z.int(), to: z.int(), changes: z.array(SnapshotChange) })
  .meta({ id: 'PersonaDiff' });
export type PersonaDiff = z.infer<typeof PersonaDiff>;
