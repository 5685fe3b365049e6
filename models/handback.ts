import type { Knex } from 'knex';

import { DISCLOSURE_VERSION } from '#domain/fixed-texts.ts';
import type { HumanStretch } from '#domain/handback-note.ts';
import { toUuid, type MessageId, type TurnId } from '#domain/ids.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId } from '#platform/new-id.ts';

import type { SessionRef } from './session-owner.ts';

/** Whether Bob could answer at all: its persona lives and its business does. */
export async function canRespond(trx: Knex, { tenantId, sessionId }: SessionRef): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { can: boolean }[] }>(
    `select tenant.status = 'active' and persona.archived_at is null and persona.live_version_id is not null as can
     from chat_session
     join tenant on tenant.id = chat_session.tenant_id
     join persona_version on persona_version.tenant_id = chat_session.tenant_id
       and persona_version.id = chat_session.persona_version_id
     join persona on persona.tenant_id = persona_version.tenant_id and persona.id = persona_version.persona_id
     where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`,
    { tenantId, sessionId: toUuid(sessionId) },
  );
  return rows[0]?.can ?? false;
}

/**
 * What was said since Bob's last word, by whom, and the visitor's last message if nobody has answered it. Half an
 * answer that a takeover cut is none: whoever takes over and writes nothing has left the question open, and after the
 * hand-back the visitor would wait in vain.
 */
export async function readHumanStretch(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
): Promise<Omit<HumanStretch, 'note'> & { unanswered: number | null }> {
  const { rows } = await trx.raw<{
    rows: { from_seq: number | null; to_seq: number | null; names: string[]; unanswered: number | null }[];
  }>(STRETCH, { tenantId, sessionId: toUuid(sessionId) });
  const [row] = rows;
  if (row === undefined) return { names: [], messages: null, unanswered: null };
  const { names, from_seq: from, to_seq: to, unanswered } = row;
  return { names, messages: from === null || to === null ? null : { from, to }, unanswered };
}

const STRETCH = `
  with before as (
    select coalesce(max(message.seq), 0) as seq from message
    where message.tenant_id = :tenantId and message.session_id = :sessionId
      and (message.author = 'ai' or message.kind = 'handback')
  ), said as (
    select message.seq, message.author, message.author_user_id from message, before
    where message.tenant_id = :tenantId and message.session_id = :sessionId and message.seq > before.seq
      and message.kind = 'text' and message.author <> 'system'
  ), wrote as (
    select said.author_user_id, min(said.seq) as first from said
    where said.author = 'human' group by said.author_user_id
  ), asked as (
    select message.seq from message
    where message.tenant_id = :tenantId and message.session_id = :sessionId and message.author in ('visitor', 'user')
    order by message.seq desc limit 1
  )
  select min(said.seq) as from_seq, max(said.seq) as to_seq,
    array(select app_user.name from wrote
      join app_user on app_user.tenant_id = :tenantId and app_user.id = wrote.author_user_id
      order by wrote.first) as names,
    (select asked.seq from asked
      where not exists (select from message as reply where reply.tenant_id = :tenantId
        and reply.session_id = :sessionId and reply.seq > asked.seq and reply.author = 'human' and reply.kind = 'text')
      and not exists (select from turn as answered where answered.tenant_id = :tenantId
        and answered.session_id = :sessionId and coalesce(answered.answers_seq, answered.message_seq) >= asked.seq
        and (answered.stop_at is not null
          or answered.reply_seq is not null and answered.outcome <> 'suppressed_by_human'))) as unanswered
  from said`;

/** Who comes back to Bob is told again that it is no person. */
export async function showDisclosureAgain(trx: Knex, { tenantId, sessionId }: SessionRef, at: Date): Promise<void> {
  await trx.raw(
    `insert into disclosure_shown (tenant_id, session_id, ordinal, version, language, placement, shown_by, shown_at)
     select chat_session.tenant_id, chat_session.id, 1 + (select count(*) from disclosure_shown
         where disclosure_shown.tenant_id = chat_session.tenant_id and disclosure_shown.session_id = chat_session.id),
       :version, chat_session.language, 'banner', 'server', :at
     from chat_session where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`,
    { tenantId, sessionId: toUuid(sessionId), version: DISCLOSURE_VERSION, at },
  );
}

export interface HandbackTurn {
  /** The hand-back's own message, on which the turn hangs. */
  message: { id: MessageId; seq: number };
  /** The visitor's message that it answers. */
  answersSeq: number;
  text: string;
  epoch: number;
  at: Date;
}

/**
 * A promise like that of an accepted message, so that the sweeper, the ledger and the receipts treat it as one. Its key
 * has a blank, which no `Idempotency-Key` may have: a visitor could otherwise take it, or wait on this turn with it.
 * Earlier turns that have not ended by now will not answer any more: their tries and their records see the line.
 */
export async function beginHandbackTurn(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  { message, answersSeq, text, epoch, at }: HandbackTurn,
): Promise<TurnId> {
  const turnId = newId('trn');
  await trx.raw(BEGIN_TURN, {
    tenantId,
    sessionId: toUuid(sessionId),
    turnId: toUuid(turnId),
    messageId: toUuid(message.id),
    messageSeq: message.seq,
    answersSeq,
    key: `handback ${epoch}`,
    bodyHash: sha256Hex(text),
    at,
  });
  return turnId;
}

const BEGIN_TURN = `
  with begun as (
    insert into turn (tenant_id, id, session_id, message_seq, answers_seq, accepted_at)
    values (:tenantId, :turnId, :sessionId, :messageSeq, :answersSeq, :at)
  ), kept as (
    insert into accepted_message (tenant_id, session_id, client_message_id, body_hash, message_id, turn_id, accepted_at)
    values (:tenantId, :sessionId, :key, :bodyHash, :messageId, :turnId, :at)
  )
  update chat_session set open_turns = chat_session.open_turns + 1
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`;
