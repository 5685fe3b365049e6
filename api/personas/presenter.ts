import type { PersonaVersionView, PersonaView, WholePersonaVersion } from '#contract/personas.ts';
import type { PersonaId } from '#domain/ids.ts';
import { wordsOf, type PersonaSnapshot } from '#domain/persona.ts';
import { editedContent, type Persona } from '#models/persona.ts';
import type { VersionRow } from '#models/read/persona-versions.ts';

export function presentPersona(persona: Persona): PersonaView {
  const { draft, live } = persona;
  const { snapshot, contentHash } = editedContent(persona);
  return {
    id: persona.id,
    slug: persona.slug,
    ...wordsOf(snapshot),
    content_hash: contentHash,
    is_default: persona.isDefault,
    draft:
      draft === null
        ? null
        : { based_on: draft.basedOn, saved_at: draft.savedAt.toISOString(), saved_by: draft.savedBy },
    live:
      live === null
        ? null
        : { version: live.number, content_hash: live.contentHash, published_at: live.publishedAt.toISOString() },
    created_at: persona.createdAt.toISOString(),
    archived_at: persona.archivedAt?.toISOString() ?? null,
  };
}

export function presentVersion(personaId: PersonaId, version: VersionRow): PersonaVersionView {
  return {
    persona_id: personaId,
    number: version.number,
    state: version.state,
    source: version.source,
    parent: version.parent,
    changelog: version.changelog,
    content_hash: version.contentHash,
    created_by: version.createdBy,
    published_by: version.publishedBy,
    published_at: version.publishedAt.toISOString(),
  };
}

/** The snapshot leaves as it is stored: only so can somebody else compute its hash again. */
export function presentWholeVersion(
  personaId: PersonaId,
  version: VersionRow & { snapshot: PersonaSnapshot },
): WholePersonaVersion {
  const { schemaVersion, snapshot } = version;
  return { ...presentVersion(personaId, version), schema_version: schemaVersion, snapshot };
}
