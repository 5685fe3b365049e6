import type { Knex } from 'knex';

import { toUuid, type SourceId, type TenantId } from '#domain/ids.ts';
import type { SourceSection } from '#domain/source-section.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId } from '#platform/new-id.ts';

export interface NewSource {
  name: string;
  language: string;
  url: string | null;
  sections: readonly SourceSection[];
  at: Date;
}

const EXTRACTOR = 'sections/1';

/** A source with its first revision, ready to be found. Sections are its chunks; headings weigh more than bodies. */
export async function addSource(trx: Knex.Transaction, tenantId: TenantId, source: NewSource): Promise<SourceId> {
  const sourceId = newId('src');
  await trx.raw(ADD, {
    tenantId,
    sourceId: toUuid(sourceId),
    name: source.name,
    language: source.language,
    url: source.url,
    at: source.at,
    extractor: EXTRACTOR,
    sha256: sha256Hex(JSON.stringify(source.sections)),
    headings: source.sections.map(({ heading }) => heading),
    bodies: source.sections.map(({ body }) => body),
  });
  return sourceId;
}

const ADD = `
  with added as (
    insert into source (tenant_id, id, name, language, url, state, latest_revision, created_at)
    values (:tenantId, :sourceId, :name, :language, :url, 'ready', 1, :at)
  ), revised as (
    insert into source_revision (tenant_id, source_id, number, sha256, extractor, created_at)
    values (:tenantId, :sourceId, 1, :sha256, :extractor, :at)
  )
  insert into source_chunk (tenant_id, source_id, revision, ordinal, heading, body, language, tsv)
  select :tenantId, :sourceId, 1, section.ordinal, section.heading, section.body, :language,
    setweight(to_tsvector('english', section.heading), 'A') || to_tsvector('english', section.body)
  from unnest(:headings::text[], :bodies::text[]) with ordinality as section (heading, body, ordinal)`;
