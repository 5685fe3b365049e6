import type { Knex } from 'knex';

import { toId, toUuid, type TenantId } from '#domain/ids.ts';
import { isLanguage } from '#domain/languages.ts';
import type { Citation, Outcome, Owner, TurnAnswer, TurnRef } from '#domain/turn.ts';

interface AnswerRow {
  session_id: string;
  message_seq: number;
  outcome: Outcome;
  covered_by: string | null;
  reply_seq: number | null;
  reply_id: string;
  reply_text: string | null;
  citations: Citation[];
  owner: Owner;
  language: string;
  persona_id: string;
  persona_number: number;
  persona_name: string;
  charged_mc: string | null;
  pricebook_version: number | null;
  queue_ms: number;
  model_ms: number | null;
  closed_at: Date;
  discloses: boolean;
}

/** Whether the reply is the first of Bob since the newest hand-back; asked only where there was a change of owner. */
const DISCLOSES = `
  case when chat_session.owner_epoch > 0 then coalesce((
    select earlier.kind = 'handback' from message as earlier
    where earlier.tenant_id = turn.tenant_id and earlier.session_id = turn.session_id
      and earlier.seq < turn.reply_seq and (earlier.author = 'ai' or earlier.kind = 'handback')
    order by earlier.seq desc limit 1), false) else false end`;

/** What a finished turn answered, in one round trip; null while it is still open. */
export async function readTurnAnswer(knex: Knex, turn: TurnRef): Promise<TurnAnswer | null> {
  const { rows } = await knex.raw<{ rows: AnswerRow[] }>(
    `select turn.session_id, turn.message_seq, turn.outcome, turn.covered_by, turn.reply_seq, turn.charged_mc,
       turn.pricebook_version, turn.model_ms, turn.closed_at,
       (extract(epoch from coalesce(turn.opened_at, turn.closed_at) - turn.accepted_at) * 1000)::float8 as queue_ms,
       message.id as reply_id, message.text as reply_text, message.citations,
       chat_session.owner, chat_session.language, persona_version.persona_id, persona_version.number as persona_number,
       persona_version.snapshot -> 'identity' ->> 'name' as persona_name, ${DISCLOSES} as discloses
     from turn
     join chat_session on chat_session.tenant_id = turn.tenant_id and chat_session.id = turn.session_id
     join persona_version on persona_version.tenant_id = chat_session.tenant_id
       and persona_version.id = chat_session.persona_version_id
     left join message on message.tenant_id = turn.tenant_id and message.session_id = turn.session_id
       and message.seq = turn.reply_seq
     where turn.tenant_id = ? and turn.id = ? and turn.state = 'closed'`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  const [row] = rows;
  return row === undefined ? null : readAnswer(turn, row);
}

/** Which of these turns have ended: for those who wait for many and may have missed a ring. */
export async function readEndedTurns(knex: Knex, turns: readonly TurnRef[]): Promise<TurnRef[]> {
  const { rows } = await knex.raw<{ rows: { tenant_id: TenantId; id: string }[] }>(
    `select turn.tenant_id, turn.id from unnest(:tenantIds::uuid[], :turnIds::uuid[]) as asked (tenant_id, id)
     join turn on turn.tenant_id = asked.tenant_id and turn.id = asked.id
     where turn.state = 'closed'`,
    { tenantIds: turns.map(({ tenantId }) => tenantId), turnIds: turns.map(({ turnId }) => toUuid(turnId)) },
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, turnId: toId('trn', row.id) }));
}

function readAnswer(turn: TurnRef, row: AnswerRow): TurnAnswer {
  return {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    sessionId: toId('ses', row.session_id),
    messageSeq: row.message_seq,
    outcome: row.outcome,
    reply: readReply(row),
    coveredBy: row.covered_by === null ? null : toId('trn', row.covered_by),
    discloses: row.discloses,
    owner: row.owner,
    language: isLanguage(row.language) ? row.language : 'en',
    persona: { id: toId('per', row.persona_id), number: row.persona_number, name: row.persona_name },
    chargedMillicredits: BigInt(row.charged_mc ?? '0'),
    pricebookVersion: row.pricebook_version,
    queueMs: row.queue_ms,
    modelMs: row.model_ms,
    closedAt: row.closed_at,
  };
}

function readReply(row: AnswerRow): TurnAnswer['reply'] {
  if (row.reply_seq === null || row.reply_text === null) return null;
  return {
    messageId: toId('msg', row.reply_id),
    seq: row.reply_seq,
    text: row.reply_text,
    citations: row.citations,
  };
}
