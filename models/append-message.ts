import type { Knex } from 'knex';

import { toUuid, type MessageId, type TurnId, type UserId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

import { userUuid, type SessionRef } from './session-owner.ts';

export interface AppendedMessage {
  author: 'ai' | 'human' | 'system';
  userId?: UserId;
  kind?: 'text' | 'note' | 'handback';
  cut?: boolean;
  turnId?: TurnId;
  text: string;
  at: Date;
}

/** The next message of a session, in one statement: its number comes from the row whose lock is held to the commit. */
export async function appendMessage(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  message: AppendedMessage,
): Promise<{ id: MessageId; seq: number }> {
  const id = newId('msg');
  const { author, userId = null, kind = 'text', cut = false, turnId = null, text, at } = message;
  const { rows } = await trx.raw<{ rows: { seq: number }[] }>(APPEND, {
    tenantId,
    sessionId: toUuid(sessionId),
    id: toUuid(id),
    author,
    userId: userUuid(userId),
    kind,
    cut,
    turnId: turnId === null ? null : toUuid(turnId),
    // Not `text`: the query builder would read a cast `::text` as this binding.
    words: text,
    at,
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`session ${sessionId} does not exist`);
  return { id, seq: row.seq };
}

const APPEND = `
  with session as (
    update chat_session set next_seq = chat_session.next_seq + 1, last_at = greatest(:at, chat_session.last_at)
    where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId
    returning chat_session.next_seq - 1 as seq, chat_session.last_at
  )
  insert into message (tenant_id, session_id, seq, id, author, author_user_id, kind, text, cut, turn_id, created_at)
  select :tenantId, :sessionId, session.seq, :id, :author, :userId::uuid, :kind, :words, :cut, :turnId::uuid,
    session.last_at
  from session
  returning message.seq`;
