import type { Knex } from 'knex';

import { toId, toUuid, type PersonaId, type TenantId, type UserId } from '#domain/ids.ts';
import type { PersonaSnapshot } from '#domain/persona.ts';

import type { NumberedVersion, PersonaContent } from './persona-version.ts';

/** A persona of a tenant with what speaks now and what is being written; at least one of the two is there. */
export interface Persona {
  id: PersonaId;
  slug: string;
  isDefault: boolean;
  createdAt: Date;
  archivedAt: Date | null;
  live: (NumberedVersion & { publishedAt: Date }) | null;
  draft: (PersonaContent & { basedOn: number | null; savedAt: Date; savedBy: UserId | null }) | null;
}

interface PersonaRow {
  id: string;
  slug: string;
  is_default: boolean;
  created_at: Date;
  archived_at: Date | null;
  live_id: string | null;
  live_number: number;
  live_snapshot: PersonaSnapshot;
  live_hash: string;
  published_at: Date;
  draft_id: string | null;
  draft_based_on: number | null;
  draft_snapshot: PersonaSnapshot;
  draft_hash: string;
  saved_at: Date;
  saved_by: string | null;
}

/** Stands after `persona` in a from clause. */
const WITH_CONTENT = `
  left join persona_version as live on live.tenant_id = persona.tenant_id and live.id = persona.live_version_id
  left join persona_version as draft on draft.tenant_id = persona.tenant_id and draft.persona_id = persona.id
    and draft.state = 'draft'
  left join persona_version as parent on parent.tenant_id = draft.tenant_id and parent.id = draft.parent_id`;

const COLUMNS = `persona.id, persona.slug, persona.is_default, persona.created_at, persona.archived_at,
  live.id as live_id, live.number as live_number, live.snapshot as live_snapshot, live.content_hash as live_hash,
  live.published_at, draft.id as draft_id, parent.number as draft_based_on, draft.snapshot as draft_snapshot,
  draft.content_hash as draft_hash, draft.created_at as saved_at, draft.created_by as saved_by`;

/** What the editor works on: the draft, or what is live where nobody has begun one. */
export function editedContent({ draft, live, id }: Persona): PersonaContent {
  const content = draft ?? live;
  if (content === null) throw new Error(`${id} has neither a draft nor a version`);
  return content;
}

/** Null where the tenant has no such persona, or has archived it. */
export async function findPersona(knex: Knex, tenantId: TenantId, id: PersonaId): Promise<Persona | null> {
  const { rows } = await knex.raw<{ rows: PersonaRow[] }>(
    `select ${COLUMNS} from persona ${WITH_CONTENT}
     where persona.tenant_id = ? and persona.id = ? and persona.archived_at is null`,
    [tenantId, toUuid(id)],
  );
  return rows[0] === undefined ? null : readPersona(rows[0]);
}

/** As `findPersona`, once nobody else changes it: its numbers and its one draft are given out under this lock. */
export async function lockPersona(trx: Knex, tenantId: TenantId, id: PersonaId): Promise<Persona | null> {
  // A statement of its own: the one that reads must see what the change before this one has committed.
  await trx.raw(`select from persona where persona.tenant_id = ? and persona.id = ? for no key update`, [
    tenantId,
    toUuid(id),
  ]);
  return findPersona(trx, tenantId, id);
}

/** Oldest first, from the one after `after` on. */
export async function listPersonas(
  knex: Knex,
  tenantId: TenantId,
  { archived, after, limit }: { archived: boolean; after: PersonaId | null; limit: number },
): Promise<Persona[]> {
  const { rows } = await knex.raw<{ rows: PersonaRow[] }>(
    `select ${COLUMNS} from persona ${WITH_CONTENT}
     where persona.tenant_id = :tenantId and (persona.archived_at is not null) = :archived
       ${after === null ? '' : 'and persona.id > :after'}
     order by persona.id limit :limit`,
    { tenantId, archived, limit, ...(after === null ? {} : { after: toUuid(after) }) },
  );
  return rows.map(readPersona);
}

/** The slugs of all personas of a tenant, archived ones too, and how many are not archived. */
export async function readSlugs(knex: Knex, tenantId: TenantId): Promise<{ slugs: Set<string>; inUse: number }> {
  const { rows } = await knex.raw<{ rows: { slug: string; in_use: boolean }[] }>(
    `select persona.slug, persona.archived_at is null as in_use from persona where persona.tenant_id = ?`,
    [tenantId],
  );
  return { slugs: new Set(rows.map(({ slug }) => slug)), inUse: rows.filter((row) => row.in_use).length };
}

export async function insertPersona(
  trx: Knex,
  tenantId: TenantId,
  persona: { id: PersonaId; slug: string; at: Date },
): Promise<void> {
  await trx.raw(`insert into persona (tenant_id, id, slug, created_at) values (:tenantId, :id, :slug, :at)`, {
    ...persona,
    tenantId,
    id: toUuid(persona.id),
  });
}

export async function markArchived(
  trx: Knex,
  tenantId: TenantId,
  { id, at }: { id: PersonaId; at: Date },
): Promise<void> {
  await trx.raw(`update persona set archived_at = ? where persona.tenant_id = ? and persona.id = ?`, [
    at,
    tenantId,
    toUuid(id),
  ]);
}

/** The persona of conversations that ask for none; gives the one that was it before. */
export async function moveDefault(trx: Knex, tenantId: TenantId, id: PersonaId): Promise<PersonaId | null> {
  // Two statements: only one row of a tenant may be the default at any moment.
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `update persona set is_default = false where persona.tenant_id = ? and persona.is_default returning persona.id`,
    [tenantId],
  );
  await trx.raw(`update persona set is_default = true where persona.tenant_id = ? and persona.id = ?`, [
    tenantId,
    toUuid(id),
  ]);
  return rows[0] === undefined ? null : toId('per', rows[0].id);
}

function readPersona(row: PersonaRow): Persona {
  return {
    id: toId('per', row.id),
    slug: row.slug,
    isDefault: row.is_default,
    createdAt: row.created_at,
    archivedAt: row.archived_at,
    live:
      row.live_id === null
        ? null
        : {
            id: toId('pvr', row.live_id),
            number: row.live_number,
            snapshot: row.live_snapshot,
            contentHash: row.live_hash,
            publishedAt: row.published_at,
          },
    draft: row.draft_id === null ? null : readDraft(row, row.draft_id),
  };
}

function readDraft(row: PersonaRow, id: string): NonNullable<Persona['draft']> {
  return {
    id: toId('pvr', id),
    snapshot: row.draft_snapshot,
    contentHash: row.draft_hash,
    basedOn: row.draft_based_on,
    savedAt: row.saved_at,
    savedBy: row.saved_by === null ? null : toId('usr', row.saved_by),
  };
}
