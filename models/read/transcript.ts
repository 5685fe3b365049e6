import type { Knex } from 'knex';

import { toId, toUuid, type MessageId, type SessionId, type TenantId, type TurnId } from '#domain/ids.ts';
import type { Citation, MessageAuthor, MessageKind } from '#domain/turn.ts';

export interface TranscriptMessage {
  id: MessageId;
  seq: number;
  kind: MessageKind;
  author: MessageAuthor;
  /** Of a signed-in person; null for everybody else. */
  name: string | null;
  /** Null once the conversation is erased. */
  text: string | null;
  cut: boolean;
  turnId: TurnId | null;
  citations: readonly Citation[];
  createdAt: Date;
}

interface MessageRow {
  id: string;
  seq: number;
  kind: MessageKind;
  author: MessageAuthor;
  name: string | null;
  text: string | null;
  cut: boolean;
  turn_id: string | null;
  citations: Citation[];
  created_at: Date;
}

export interface TranscriptPage {
  sessionId: SessionId;
  after: number;
  limit: number;
  /** Notes of the team, and what a person handed back with, are not for the visitor. */
  audience: 'visitor' | 'team';
}

/** A conversation's messages after a number, oldest first. */
export async function readTranscript(
  knex: Knex,
  tenantId: TenantId,
  { sessionId, after, limit, audience }: TranscriptPage,
): Promise<TranscriptMessage[]> {
  const { rows } = await knex.raw<{ rows: MessageRow[] }>(
    `select message.id, message.seq, message.kind, message.author, message.text, message.cut, message.turn_id,
       message.citations, message.created_at, app_user.name
     from message
     left join app_user on app_user.tenant_id = message.tenant_id and app_user.id = message.author_user_id
     where message.tenant_id = :tenantId and message.session_id = :sessionId and message.seq > :after
       and (message.kind = 'text' or :isTeam)
     order by message.seq limit :limit`,
    { tenantId, sessionId: toUuid(sessionId), after, limit, isTeam: audience === 'team' },
  );
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

/** A tenant's session by our id, or by the client's: that may be in use on several paths, and means the latest. */
export async function findSession(
  knex: Knex,
  tenantId: TenantId,
  by: { sessionId: SessionId } | { clientIdHash: string },
): Promise<SessionId | null> {
  const [column, value] = 'sessionId' in by ? ['id', toUuid(by.sessionId)] : ['client_id_hash', by.clientIdHash];
  const { rows } = await knex.raw<{ rows: { id: string }[] }>(
    `select chat_session.id from chat_session
     where chat_session.tenant_id = ? and chat_session.?? = ? order by chat_session.last_at desc limit 1`,
    [tenantId, column, value],
  );
  const [row] = rows;
  return row === undefined ? null : toId('ses', row.id);
}
