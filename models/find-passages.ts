import type { Knex } from 'knex';

import type { CandidateChunk, Candidates } from '#domain/grounding.ts';
import { toId, type TenantId } from '#domain/ids.ts';

interface FoundRow {
  chunk_count: number;
  lexemes: Candidates['lexemes'];
  chunks: (Omit<CandidateChunk, 'sourceId'> & { source_id: string })[] | null;
}

const CANDIDATE_MAX = 40;

/**
 * The tenant's chunks that share words with a question, with what is needed to weigh them. The words are joined by OR:
 * a whole sentence joined by AND finds nothing. Tenant and live revision are conditions of the statement itself, so
 * another tenant's words cannot reach the prompt (ret.scope).
 */
export async function findPassages(knex: Knex, tenantId: TenantId, question: string): Promise<Candidates> {
  const { rows } = await knex.raw<{ rows: FoundRow[] }>(FIND, { tenantId, question, candidateMax: CANDIDATE_MAX });
  const [row] = rows;
  if (row === undefined) return { chunkCount: 0, lexemes: [], chunks: [] };
  const chunks = (row.chunks ?? []).map(({ source_id: sourceId, ...chunk }) => ({
    ...chunk,
    sourceId: toId('src', sourceId),
  }));
  return { chunkCount: row.chunk_count, lexemes: row.lexemes, chunks };
}

const FIND = `
  with asked as (
    select word.lexeme, (quote_literal(word.lexeme))::tsquery as query
    from unnest(tsvector_to_array(to_tsvector('english', :question))) as word (lexeme)
  ), live as (
    select source_chunk.source_id, source_chunk.revision, source_chunk.ordinal, source_chunk.heading,
      source_chunk.body, source_chunk.tsv, source.name, source.url
    from source_chunk
    join source on source.tenant_id = source_chunk.tenant_id and source.id = source_chunk.source_id
      and source.latest_revision = source_chunk.revision and source.state = 'ready'
    where source_chunk.tenant_id = :tenantId
  ), hit as (
    select live.source_id, live.ordinal, asked.lexeme, ts_rank_cd(live.tsv, asked.query) as rank
    from live join asked on live.tsv @@ asked.query
  ), best as (
    select hit.source_id, hit.ordinal, array_agg(hit.lexeme order by hit.lexeme) as matched, sum(hit.rank) as rank
    from hit group by hit.source_id, hit.ordinal
    order by count(*) desc, sum(hit.rank) desc, hit.source_id, hit.ordinal limit :candidateMax
  )
  select (select count(*)::integer from live) as chunk_count,
    (select coalesce(jsonb_agg(jsonb_build_object('lexeme', asked.lexeme, 'chunks',
       (select count(*) from hit where hit.lexeme = asked.lexeme))), '[]') from asked) as lexemes,
    (select jsonb_agg(jsonb_build_object('source_id', live.source_id, 'revision', live.revision,
       'ordinal', live.ordinal, 'body', live.body, 'matched', best.matched, 'url', live.url,
       'title', case when live.heading = '' then live.name else live.heading end)
       order by best.rank desc, live.source_id, live.ordinal)
     from best join live on live.source_id = best.source_id and live.ordinal = best.ordinal) as chunks`;
