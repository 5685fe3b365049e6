import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import { reasonCodeOf, type Rating } from '#domain/feedback.ts';
import { toUuid, type EndpointId, type MessageId } from '#domain/ids.ts';
import type { MessageAuthor } from '#domain/turn.ts';

import { emit } from '../outbox/emit.ts';
import { lockSession, timeIn, type SessionRef } from '../session-owner.ts';

export interface Feedback {
  messageId: MessageId;
  rating: Rating;
  /** One of the known reasons, or the visitor's own words. */
  reason: string | null;
}

export interface MessageRated {
  kind: 'rated';
  isChanged: boolean;
  at: Date;
  endpointIds: EndpointId[];
}

export type RatingRefused = { kind: 'missing' } | { kind: 'no-such-message' } | { kind: 'not-by-bob' };

/** What a visitor thinks of an answer; a later thought replaces it, and the same one again changes nothing. */
export async function rateMessage(
  knex: Knex,
  ref: SessionRef,
  { feedback, now }: { feedback: Feedback; now: Date },
): Promise<MessageRated | RatingRefused> {
  return knex.transaction(async (trx) => {
    const session = await lockSession(trx, ref);
    if (session === null) return { kind: 'missing' };
    const message = await findRated(trx, ref, feedback.messageId);
    if (message === null) return { kind: 'no-such-message' };
    if (message.author !== 'ai') return { kind: 'not-by-bob' };
    if (message.ratedAt !== null && message.rating === feedback.rating && message.reason === feedback.reason) {
      return { kind: 'rated', isChanged: false, at: message.ratedAt, endpointIds: [] };
    }
    const at = timeIn(session, now);
    const eventSeq = await storeFeedback(trx, ref, { feedback, at });
    const endpointIds = await emit(trx, { ...ref, at, events: [submittedEvent(feedback, eventSeq)] });
    return { kind: 'rated', isChanged: true, at, endpointIds };
  });
}

interface RatedRow {
  author: MessageAuthor;
  rating: Rating | null;
  reason: string | null;
  at: Date | null;
}

async function findRated(trx: Knex, { tenantId, sessionId }: SessionRef, messageId: MessageId) {
  const { rows } = await trx.raw<{ rows: RatedRow[] }>(
    `select message.author, message_feedback.rating, message_feedback.reason, message_feedback.at
     from message
     left join message_feedback on message_feedback.tenant_id = message.tenant_id
       and message_feedback.message_id = message.id
     where message.tenant_id = :tenantId and message.session_id = :sessionId and message.id = :messageId
       and message.kind = 'text'`,
    { tenantId, sessionId: toUuid(sessionId), messageId: toUuid(messageId) },
  );
  const [row] = rows;
  return row === undefined ? null : { author: row.author, rating: row.rating, reason: row.reason, ratedAt: row.at };
}

/** Gives the number that the next event of the session will have. */
async function storeFeedback(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  { feedback, at }: { feedback: Feedback; at: Date },
): Promise<number> {
  const { rows } = await trx.raw<{ rows: { event_seq: number }[] }>(STORE, {
    tenantId,
    sessionId: toUuid(sessionId),
    messageId: toUuid(feedback.messageId),
    rating: feedback.rating,
    reason: feedback.reason,
    at,
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`session ${sessionId} does not exist`);
  return row.event_seq;
}

const STORE = `
  with kept as (
    insert into message_feedback (tenant_id, message_id, session_id, rating, reason, at)
    values (:tenantId, :messageId, :sessionId, :rating, :reason, :at)
    on conflict (tenant_id, message_id)
    do update set rating = excluded.rating, reason = excluded.reason, at = excluded.at
  )
  update chat_session set last_at = :at
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId
  returning chat_session.event_seq + 1 as event_seq`;

function submittedEvent({ messageId, rating, reason }: Feedback, eventSeq: number): EventDraft {
  return {
    type: 'message.feedback_submitted',
    // A message may be rated again: the event's own number tells the times apart.
    dedupeKey: `message/${messageId}/feedback/${eventSeq}`,
    data: { message_id: messageId, rating, reason_code: reasonCodeOf(reason) },
  };
}
