import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { ReplyChunk, TurnRef } from '#domain/turn.ts';

/** How far a reader has come: the n-th piece of a try; 0 before its first. */
export interface ChunkCursor {
  attempt: number;
  seq: number;
}

/** A reader that is further behind asks again. */
export const CHUNK_PAGE = 200;

/** The released pieces a reader has not seen yet. Only of the newest try: what an earlier one wrote is void. */
export async function readReplyChunks(knex: Knex, turn: TurnRef, after: ChunkCursor): Promise<ReplyChunk[]> {
  const { rows } = await knex.raw<{ rows: ChunkRow[] }>(
    `select reply_chunk.attempt, reply_chunk.seq, reply_chunk.text from reply_chunk
     where reply_chunk.tenant_id = :tenantId and reply_chunk.turn_id = :turnId
       and (reply_chunk.attempt, reply_chunk.seq) > (:attempt, :seq)
       and reply_chunk.attempt = (
         select max(newest.attempt) from reply_chunk newest
         where newest.tenant_id = :tenantId and newest.turn_id = :turnId)
     order by reply_chunk.seq limit :limit`,
    { tenantId: turn.tenantId, turnId: toUuid(turn.turnId), attempt: after.attempt, seq: after.seq, limit: CHUNK_PAGE },
  );
  return rows.map((row) => ({ tenantId: turn.tenantId, turnId: turn.turnId, ...row }));
}

/** What a reader at this cursor has seen of its try; null where that can no longer be told. */
export async function readTextUpTo(knex: Knex, turn: TurnRef, at: ChunkCursor): Promise<string | null> {
  if (at.seq === 0) return '';
  const { rows } = await knex.raw<{ rows: { count: number; shown: string | null }[] }>(
    `select count(*)::integer as count, string_agg(reply_chunk.text, '' order by reply_chunk.seq) as shown
     from reply_chunk
     where reply_chunk.tenant_id = :tenantId and reply_chunk.turn_id = :turnId
       and reply_chunk.attempt = :attempt and reply_chunk.seq <= :seq`,
    { tenantId: turn.tenantId, turnId: toUuid(turn.turnId), attempt: at.attempt, seq: at.seq },
  );
  const [row] = rows;
  return row?.count === at.seq ? row.shown : null;
}

interface ChunkRow {
  attempt: number;
  seq: number;
  text: string;
}
