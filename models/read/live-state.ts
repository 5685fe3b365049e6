import type { Knex } from 'knex';

import { toId, toUuid, type SessionId, type TenantId, type TurnId } from '#domain/ids.ts';
import type { Owner } from '#domain/turn.ts';

/** Who speaks now, and the pieces of the running answer behind the last one a reader has. */
export interface LiveState {
  owner: Owner;
  epoch: number;
  state: 'open' | 'closed';
  ownerSince: Date;
  running: { turnId: TurnId; attempt: number } | null;
  pieces: { seq: number; text: string }[];
}

interface LiveRow {
  owner: Owner;
  owner_epoch: number;
  state: LiveState['state'];
  owner_since: Date;
  turn_id: string | null;
  attempt: number;
  pieces: { seq: number; text: string }[];
}

/** `shown` is what the reader has of a running answer; pieces of another turn or a newer try come from the first on. */
export async function readLiveState(
  knex: Knex,
  tenantId: TenantId,
  { sessionId, shown }: { sessionId: SessionId; shown: { turnId: TurnId; attempt: number; seq: number } | null },
): Promise<LiveState | null> {
  const { rows } = await knex.raw<{ rows: LiveRow[] }>(LIVE, {
    tenantId,
    sessionId: toUuid(sessionId),
    shownTurn: shown === null ? null : toUuid(shown.turnId),
    shownAttempt: shown?.attempt ?? 0,
    shownSeq: shown?.seq ?? 0,
  });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    owner: row.owner,
    epoch: row.owner_epoch,
    state: row.state,
    ownerSince: row.owner_since,
    running: row.turn_id === null ? null : { turnId: toId('trn', row.turn_id), attempt: row.attempt },
    pieces: row.pieces,
  };
}

const LIVE = `
  select chat_session.owner, chat_session.owner_epoch, chat_session.state, chat_session.owner_since,
    running.turn_id, running.attempt, coalesce(running.pieces, '[]') as pieces
  from chat_session
  left join lateral (
    select turn.id as turn_id, newest.attempt, (
        select jsonb_agg(jsonb_build_object('seq', reply_chunk.seq, 'text', reply_chunk.text) order by reply_chunk.seq)
        from reply_chunk where reply_chunk.tenant_id = turn.tenant_id and reply_chunk.turn_id = turn.id
          and reply_chunk.attempt = newest.attempt
          and (turn.id is distinct from :shownTurn::uuid or newest.attempt <> :shownAttempt
            or reply_chunk.seq > :shownSeq)
      ) as pieces
    from turn
    cross join lateral (
      select max(reply_chunk.attempt) as attempt from reply_chunk
      where reply_chunk.tenant_id = turn.tenant_id and reply_chunk.turn_id = turn.id
    ) as newest
    where turn.tenant_id = chat_session.tenant_id and turn.session_id = chat_session.id and turn.state = 'open'
      and newest.attempt is not null
    order by turn.message_seq limit 1
  ) as running on true
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`;
