import type { Knex } from 'knex';

import { toId, toUuid, type PersonaId, type TenantId, type UserId } from '#domain/ids.ts';
import type { PersonaSnapshot } from '#domain/persona.ts';

import type { VersionSource } from '../persona-version.ts';

/** One published state of a persona, with who made it and from what. */
export interface VersionRow {
  number: number;
  state: 'published' | 'retired' | 'recalled';
  source: VersionSource;
  /** The number of the version it was made from. */
  parent: number | null;
  changelog: string;
  contentHash: string;
  schemaVersion: number;
  createdBy: UserId | null;
  publishedBy: UserId | null;
  publishedAt: Date;
}

interface StoredRow {
  number: number;
  state: VersionRow['state'];
  source: VersionSource;
  parent_number: number | null;
  changelog: string;
  content_hash: string;
  schema_version: number;
  created_by: string | null;
  published_by: string | null;
  published_at: Date;
}

const COLUMNS = `persona_version.number, persona_version.state, persona_version.source, persona_version.changelog,
  parent.number as parent_number, persona_version.content_hash, persona_version.schema_version,
  persona_version.created_by, persona_version.published_by, persona_version.published_at`;

const FROM = `from persona_version
  left join persona_version as parent on parent.tenant_id = persona_version.tenant_id
    and parent.id = persona_version.parent_id
  where persona_version.tenant_id = :tenantId and persona_version.persona_id = :personaId
    and persona_version.number is not null`;

/** Newest first, from the one before `before` on. */
export async function listVersions(
  knex: Knex,
  tenantId: TenantId,
  { personaId, before, limit }: { personaId: PersonaId; before: number | null; limit: number },
): Promise<VersionRow[]> {
  const { rows } = await knex.raw<{ rows: StoredRow[] }>(
    `select ${COLUMNS} ${FROM} ${before === null ? '' : 'and persona_version.number < :before'}
     order by persona_version.number desc limit :limit`,
    { tenantId, personaId: toUuid(personaId), limit, ...(before === null ? {} : { before }) },
  );
  return rows.map(readVersion);
}

export async function readWholeVersion(
  knex: Knex,
  tenantId: TenantId,
  { personaId, number }: { personaId: PersonaId; number: number },
): Promise<(VersionRow & { snapshot: PersonaSnapshot }) | null> {
  const { rows } = await knex.raw<{ rows: (StoredRow & { snapshot: PersonaSnapshot })[] }>(
    `select ${COLUMNS}, persona_version.snapshot ${FROM} and persona_version.number = :number`,
    { tenantId, personaId: toUuid(personaId), number },
  );
  const [row] = rows;
  return row === undefined ? null : { ...readVersion(row), snapshot: row.snapshot };
}

function readVersion(row: StoredRow): VersionRow {
  return {
    number: row.number,
    state: row.state,
    source: row.source,
    parent: row.parent_number,
    changelog: row.changelog,
    contentHash: row.content_hash,
    schemaVersion: row.schema_version,
    createdBy: row.created_by === null ? null : toId('usr', row.created_by),
    publishedBy: row.published_by === null ? null : toId('usr', row.published_by),
    publishedAt: row.published_at,
  };
}
