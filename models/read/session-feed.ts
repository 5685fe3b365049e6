import type { Knex } from 'knex';

import { toId, type SessionId, type TenantId } from '#domain/ids.ts';

/** What moved in a conversation, without a word of it. */
export interface SessionMove {
  type: string;
  sessionId: SessionId;
  seq: number;
  /** Its place in the tenant's feed, given after its commit. */
  pos: number;
  messageSeq: number | null;
  ownerEpoch: number | null;
}

interface MoveRow {
  type: string;
  session_id: string;
  seq: number;
  pos: string;
  message_seq: number | null;
  owner_epoch: number | null;
}

/** Events of conversations behind a position, in the order of the feed. */
export async function readSessionMoves(
  knex: Knex,
  tenantId: TenantId,
  { after, limit }: { after: number; limit: number },
): Promise<SessionMove[]> {
  const { rows } = await knex.raw<{ rows: MoveRow[] }>(MOVES, { tenantId, after, limit });
  return rows.map((row) => ({
    type: row.type,
    sessionId: toId('ses', row.session_id),
    seq: row.seq,
    pos: Number(row.pos),
    messageSeq: row.message_seq,
    ownerEpoch: row.owner_epoch,
  }));
}

const MOVES = `
  select webhook_event.type, webhook_event.session_id, webhook_event.seq, webhook_event.pos,
    (webhook_event.body::jsonb -> 'data' ->> 'message_seq')::integer as message_seq,
    (webhook_event.body::jsonb -> 'data' ->> 'owner_epoch')::integer as owner_epoch
  from webhook_event
  where webhook_event.tenant_id = :tenantId and webhook_event.pos > :after and webhook_event.session_id is not null
  order by webhook_event.pos limit :limit`;

/** Where the feed stands now: a reader who names no position wants what comes from here on. */
export async function readFeedEnd(knex: Knex, tenantId: TenantId): Promise<number> {
  const { rows } = await knex.raw<{ rows: { pos: string }[] }>(
    `select webhook_event.pos from webhook_event
     where webhook_event.tenant_id = ? and webhook_event.pos is not null order by webhook_event.pos desc limit 1`,
    [tenantId],
  );
  return Number(rows[0]?.pos ?? 0);
}
