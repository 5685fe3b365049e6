import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import {
  toId,
  toUuid,
  type EndpointId,
  type MessageId,
  type SessionId,
  type TenantId,
  type TurnId,
  type UserId,
} from '#domain/ids.ts';
import { OPEN_TURNS_MAX, type Owner } from '#domain/turn.ts';
import { retryOnConflict } from '#platform/database.ts';
import { newId } from '#platform/new-id.ts';

import { createdEvent, insertSession, newSessionBindings, SHOW_DISCLOSURE, type NewSession } from '../new-session.ts';
import { DELIVERIES_OF_EMITTED } from '../outbox/delivery-sql.ts';
import { splitBody } from '../outbox/event-body.ts';

export interface NewMessage {
  tenantId: TenantId;
  text: string;
  author: { type: 'visitor' | 'user'; userId: UserId | null };
  clientMessageId: string;
  bodyHash: string;
  /** The caller reads along: pieces of the answer may leave before its end. */
  streams: boolean;
  at: Date;
}

export interface AcceptedMessage {
  sessionId: SessionId;
  turnId: TurnId;
  messageId: MessageId;
  messageSeq: number;
  /** Of the session, this one included. With more than one the running turn may want to make way for it. */
  openTurns: number;
  owner: Owner;
  /** Whose doorbell rings, now that the events are committed. */
  endpointIds: EndpointId[];
}

/**
 * Makes the promise: session, message, turn, key and events in one statement, or none of them. Two callers with the
 * same first message or key meet in a unique violation, which undoes the loser's numbers too: it looks again and
 * attaches. Null where an existing session is closed or has its line full.
 */
export async function acceptMessage(
  knex: Knex,
  message: NewMessage,
  session: NewSession | SessionId,
): Promise<AcceptedMessage | null> {
  const ids = { turnId: newId('trn'), messageId: newId('msg') };
  const isNew = typeof session !== 'string';
  const sessionId = isNew ? newId('ses') : session;
  const drafts = draftsOf(message, { ...ids, sessionId, opening: isNew ? session : null });
  const statement = acceptSql(isNew ? INSERT_SESSION : UPDATE_SESSION, isNew);
  const bindings = {
    ...bindingsOf(message, drafts),
    ...(isNew ? newSessionBindings(session) : {}),
    sessionId: toUuid(sessionId),
    ...uuids(ids),
    openTurnsMax: OPEN_TURNS_MAX,
  };
  const { rows } = await retryOnConflict(() => knex.raw<{ rows: AcceptedRow[] }>(statement, bindings));
  const [row] = rows;
  if (row === undefined) return null;
  const endpointIds = row.endpoint_ids.map((id) => toId('whk', id));
  return {
    sessionId,
    ...ids,
    messageSeq: row.message_seq,
    openTurns: row.open_turns,
    owner: row.owner,
    endpointIds,
  };
}

interface AcceptedRow {
  message_seq: number;
  open_turns: number;
  owner: Owner;
  endpoint_ids: string[];
}

const INSERT_SESSION = `
  ${insertSession({ nextSeq: 2, eventSeq: 2, openTurns: 1 })}
  returning id, 1 as message_seq, 0 as told_before, last_at, open_turns, owner`;

const UPDATE_SESSION = `
  update chat_session set next_seq = chat_session.next_seq + 1, event_seq = chat_session.event_seq + 1,
    open_turns = chat_session.open_turns + 1, last_at = greatest(:at, chat_session.last_at)
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId and chat_session.state = 'open'
    and chat_session.open_turns < :openTurnsMax
  returning id, next_seq - 1 as message_seq, event_seq - 1 as told_before, last_at, open_turns, owner`;

/** Both forms differ only in how the session's row is written. Told events take their number from what it returned. */
function acceptSql(session: string, isNew: boolean): string {
  return `
  with session as (${session}),
  said as (
    insert into message (tenant_id, session_id, seq, id, author, author_user_id, text, turn_id, created_at)
    select :tenantId, session.id, session.message_seq, :messageId, :author, :authorUserId, :words, :turnId,
      session.last_at
    from session
  ), begun as (
    insert into turn (tenant_id, id, session_id, message_seq, streams, accepted_at)
    select :tenantId, :turnId, session.id, session.message_seq, :streams, session.last_at from session
  ), kept as (
    insert into accepted_message (tenant_id, session_id, client_message_id, body_hash, message_id, turn_id, accepted_at)
    select :tenantId, session.id, :clientMessageId, :bodyHash, :messageId, :turnId, session.last_at from session
  ), ${isNew ? `shown as (${SHOW_DISCLOSURE}),` : ''}
  emitted as (
    insert into webhook_event (tenant_id, id, type, session_id, seq, test, body, dedupe_key, created_at)
    select :tenantId, draft.id, draft.type, session.id, session.told_before + draft.n, false,
      draft.head || (session.told_before + draft.n)::text ||
        replace(draft.tail, '"message_seq":0,', '"message_seq":' || session.message_seq || ','),
      draft.dedupe_key, session.last_at
    from session cross join unnest(:eventIds::uuid[], :types::text[], :heads::text[], :tails::text[], :keys::text[])
      with ordinality as draft (id, type, head, tail, dedupe_key, n)
    order by draft.n
    returning tenant_id, no, type, session_id, seq, created_at
  ), delivered as (${DELIVERIES_OF_EMITTED})
  select session.message_seq, session.open_turns, session.owner,
    array(select distinct delivered.endpoint_id from delivered) as endpoint_ids
  from session`;
}

interface DraftContext {
  sessionId: SessionId;
  turnId: TurnId;
  messageId: MessageId;
  opening: NewSession | null;
}

function draftsOf(message: NewMessage, { sessionId, messageId, opening }: DraftContext) {
  const received: EventDraft = {
    type: 'message.received',
    dedupeKey: `message/${messageId}/received`,
    data: {
      message_id: messageId,
      // Its number is known only inside the statement, which puts it here. Thin data: the text can occur only once.
      message_seq: 0,
      author: { type: message.author.type, id: message.author.userId },
      attachments: 0,
    },
  };
  const drafts = opening === null ? [received] : [createdEvent(sessionId, opening), received];
  return drafts.map((draft) => {
    const id = newId('evt');
    const facts = { id, type: draft.type, createdAt: message.at, tenantId: message.tenantId, sessionId, test: false };
    return { id, type: draft.type, dedupeKey: draft.dedupeKey, ...splitBody({ ...facts, data: draft.data }) };
  });
}

function bindingsOf(message: NewMessage, drafts: ReturnType<typeof draftsOf>) {
  return {
    tenantId: message.tenantId,
    // Not `text`: the query builder would read the cast `::text` as this binding.
    words: message.text,
    author: message.author.type,
    authorUserId: message.author.userId === null ? null : toUuid(message.author.userId),
    clientMessageId: message.clientMessageId,
    bodyHash: message.bodyHash,
    streams: message.streams,
    at: message.at,
    eventIds: drafts.map(({ id }) => toUuid(id)),
    types: drafts.map(({ type }) => type),
    heads: drafts.map(({ head }) => head),
    tails: drafts.map(({ tail }) => tail),
    keys: drafts.map(({ dedupeKey }) => dedupeKey),
  };
}

function uuids(ids: { turnId: TurnId; messageId: MessageId }) {
  return { turnId: toUuid(ids.turnId), messageId: toUuid(ids.messageId) };
}
