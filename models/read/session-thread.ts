import type { Knex } from 'knex';

import { toId, toUuid, type MessageId, type SessionId, type TenantId, type TurnId } from '#domain/ids.ts';
import type { Citation } from '#domain/turn.ts';

import type { MessageAuthor } from './session-row.ts';

/** A message as the team sees it: notes and hand-backs too, and who wrote. */
export interface ThreadMessage {
  id: MessageId;
  seq: number;
  kind: 'text' | 'note' | 'handback';
  author: MessageAuthor;
  name: string | null;
  /** Null once the conversation is erased. */
  text: string | null;
  cut: boolean;
  turnId: TurnId | null;
  citations: readonly Citation[];
  createdAt: Date;
}

interface ThreadRow {
  id: string;
  seq: number;
  kind: ThreadMessage['kind'];
  author: MessageAuthor;
  name: string | null;
  text: string | null;
  cut: boolean;
  turn_id: string | null;
  citations: Citation[];
  created_at: Date;
}

/** A conversation after a number, oldest first. */
export async function readThread(
  knex: Knex,
  tenantId: TenantId,
  { sessionId, after, limit }: { sessionId: SessionId; after: number; limit: number },
): Promise<ThreadMessage[]> {
  const { rows } = await knex.raw<{ rows: ThreadRow[] }>(THREAD, {
    tenantId,
    sessionId: toUuid(sessionId),
    after,
    limit,
  });
  return rows.map((row) => ({
    id: toId('msg', row.id),
    seq: row.seq,
    kind: row.kind,
    author: row.author,
    name: row.name,
    text: row.text,
    cut: row.cut,
    turnId: row.turn_id === null ? null : toId('trn', row.turn_id),
    citations: row.citations,
    createdAt: row.created_at,
  }));
}

const THREAD = `
  select message.id, message.seq, message.kind, message.author, message.text, message.cut, message.turn_id,
    message.citations, message.created_at, app_user.name
  from message
  left join app_user on app_user.tenant_id = message.tenant_id and app_user.id = message.author_user_id
  where message.tenant_id = :tenantId and message.session_id = :sessionId and message.seq > :after
  order by message.seq limit :limit`;

/** Who speaks now, and the pieces of the running answer behind the last one a reader has. */
export interface LiveState {
  owner: 'ai' | 'queue' | 'human';
  epoch: number;
  state: 'open' | 'closed';
  ownerSince: Date;
  running: { turnId: TurnId; attempt: number } | null;
  pieces: { seq: number; text: string }[];
}

interface LiveRow {
  owner: LiveState['owner'];
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
