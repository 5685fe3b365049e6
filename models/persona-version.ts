import type { Knex } from 'knex';

import { canonicalJson } from '#domain/canonical-json.ts';
import { toId, toUuid, type PersonaId, type PersonaVersionId, type TenantId, type UserId } from '#domain/ids.ts';
import { PERSONA_SCHEMA_VERSION, type PersonaSnapshot } from '#domain/persona.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId } from '#platform/new-id.ts';

export type VersionSource = 'edit' | 'restore' | 'import';

/** What a persona says at one point: the draft, or an immutable version. */
export interface PersonaContent {
  id: PersonaVersionId;
  snapshot: PersonaSnapshot;
  contentHash: string;
}

export interface NewVersion {
  personaId: PersonaId;
  snapshot: PersonaSnapshot;
  /** What it was made from. */
  parentId: PersonaVersionId | null;
  source: VersionSource;
  by: UserId;
  at: Date;
}

export interface Publication {
  personaId: PersonaId;
  changelog: string;
  by: UserId;
  at: Date;
}

/** Two versions with equal content have equal hashes, in every implementation of RFC 8785. */
export function contentHashOf(snapshot: PersonaSnapshot): string {
  return sha256Hex(canonicalJson(snapshot));
}

export async function insertDraft(trx: Knex, tenantId: TenantId, draft: NewVersion & { id: PersonaVersionId }) {
  await trx.raw(
    `insert into persona_version (tenant_id, id, persona_id, state, schema_version, snapshot, content_hash, parent_id,
       source, created_by, created_at)
     values (:tenantId, :id, :personaId, 'draft', :schemaVersion, :snapshot, :contentHash, :parentId,
       :source, :by, :at)`,
    {
      tenantId,
      id: toUuid(draft.id),
      personaId: toUuid(draft.personaId),
      schemaVersion: PERSONA_SCHEMA_VERSION,
      snapshot: JSON.stringify(draft.snapshot),
      contentHash: contentHashOf(draft.snapshot),
      parentId: draft.parentId === null ? null : toUuid(draft.parentId),
      source: draft.source,
      by: toUuid(draft.by),
      at: draft.at,
    },
  );
}

/** The draft as somebody saves it; whoever did so last made it. */
export async function replaceDraft(
  trx: Knex,
  tenantId: TenantId,
  draft: Pick<NewVersion, 'personaId' | 'snapshot' | 'by' | 'at'>,
): Promise<void> {
  await trx.raw(
    `update persona_version set snapshot = :snapshot, content_hash = :contentHash, created_by = :by, created_at = :at
     where persona_version.tenant_id = :tenantId and persona_version.persona_id = :personaId
       and persona_version.state = 'draft'`,
    {
      tenantId,
      personaId: toUuid(draft.personaId),
      snapshot: JSON.stringify(draft.snapshot),
      contentHash: contentHashOf(draft.snapshot),
      by: toUuid(draft.by),
      at: draft.at,
    },
  );
}

export async function deleteDraft(trx: Knex, tenantId: TenantId, personaId: PersonaId): Promise<void> {
  await trx.raw(
    `delete from persona_version where persona_version.tenant_id = ? and persona_version.persona_id = ?
       and persona_version.state = 'draft'`,
    [tenantId, toUuid(personaId)],
  );
}

/** The draft becomes the next version and goes live. The caller holds the persona's row. */
export async function publishDraft(trx: Knex, tenantId: TenantId, publication: Publication): Promise<number> {
  return goLive(trx, PUBLISH_DRAFT, {
    ...publication,
    tenantId,
    personaId: toUuid(publication.personaId),
    by: toUuid(publication.by),
  });
}

/** A version that never was a draft becomes the next one and goes live. The caller holds the persona's row. */
export async function publishCopy(
  trx: Knex,
  tenantId: TenantId,
  { snapshot, ...copy }: NewVersion & Publication,
): Promise<number> {
  return goLive(trx, PUBLISH_COPY, {
    ...copy,
    tenantId,
    id: toUuid(newId('pvr')),
    personaId: toUuid(copy.personaId),
    parentId: copy.parentId === null ? null : toUuid(copy.parentId),
    schemaVersion: PERSONA_SCHEMA_VERSION,
    snapshot: JSON.stringify(snapshot),
    contentHash: contentHashOf(snapshot),
    by: toUuid(copy.by),
  });
}

async function goLive(trx: Knex, statement: string, bindings: Knex.ValueDict): Promise<number> {
  const { rows } = await trx.raw<{ rows: { number: number }[] }>(statement, bindings);
  const [row] = rows;
  if (row === undefined) throw new Error('nothing was published');
  return row.number;
}

// Given at this moment and not before: a number that a draft had taken would leave a gap when it is thrown away.
const NEXT_NUMBER = `1 + coalesce((select max(earlier.number) from persona_version as earlier
  where earlier.tenant_id = :tenantId and earlier.persona_id = :personaId), 0)`;

const PUBLISH_DRAFT = withLive(`
  update persona_version set state = 'published', number = ${NEXT_NUMBER}, changelog = :changelog,
    published_by = :by, published_at = :at
  where persona_version.tenant_id = :tenantId and persona_version.persona_id = :personaId
    and persona_version.state = 'draft'`);

const PUBLISH_COPY = withLive(`
  insert into persona_version (tenant_id, id, persona_id, number, state, schema_version, snapshot, content_hash,
    parent_id, source, changelog, created_by, published_by, created_at, published_at)
  select :tenantId, :id, :personaId, ${NEXT_NUMBER}, 'published', :schemaVersion, :snapshot, :contentHash,
    :parentId, :source, :changelog, :by, :by, :at, :at`);

/** New conversations begin under it, and the version before it retires: those that began under that one stay there. */
function withLive(published: string): string {
  return `
  with published as (${published} returning persona_version.id, persona_version.number),
  retired as (
    update persona_version set state = 'retired'
    where persona_version.tenant_id = :tenantId and persona_version.persona_id = :personaId
      and persona_version.state = 'published'
  ), live as (
    update persona set live_version_id = published.id from published
    where persona.tenant_id = :tenantId and persona.id = :personaId
  )
  select published.number from published`;
}

export interface NumberedVersion extends PersonaContent {
  number: number;
}

/** A version by its number; a draft has none. */
export async function findVersion(
  knex: Knex,
  tenantId: TenantId,
  { personaId, number }: { personaId: PersonaId; number: number },
): Promise<NumberedVersion | null> {
  const { rows } = await knex.raw<{
    rows: { id: string; number: number; snapshot: PersonaSnapshot; content_hash: string }[];
  }>(
    `select persona_version.id, persona_version.number, persona_version.snapshot, persona_version.content_hash
     from persona_version
     where persona_version.tenant_id = ? and persona_version.persona_id = ? and persona_version.number = ?`,
    [tenantId, toUuid(personaId), number],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { id: toId('pvr', row.id), number: row.number, snapshot: row.snapshot, contentHash: row.content_hash };
}
