import type { Knex } from 'knex';

import { toId, toUuid, type MessageId, type TurnId } from '#domain/ids.ts';
import type { TurnRef } from '#domain/turn.ts';

import type { ClosingFacts } from './closing-facts.ts';
import { LATER_TURN } from './look-at-turn.ts';

/** What readers of a turn have seen of it: the chunks of its newest try that showed any. */
export async function readShownText(trx: Knex, turn: TurnRef): Promise<string> {
  const { rows } = await trx.raw<{ rows: { shown: string }[] }>(
    `select string_agg(reply_chunk.text, '' order by reply_chunk.seq) as shown from reply_chunk
     where reply_chunk.tenant_id = :tenantId and reply_chunk.turn_id = :turnId
     group by reply_chunk.attempt order by reply_chunk.attempt desc limit 1`,
    { tenantId: turn.tenantId, turnId: toUuid(turn.turnId) },
  );
  return rows[0]?.shown ?? '';
}

/** How many characters of its text each try has shown, by the number of the try. */
export async function readShownByTry(trx: Knex, turn: TurnRef): Promise<ReadonlyMap<number, number>> {
  const { rows } = await trx.raw<{ rows: { attempt: number; shown: string }[] }>(
    `select reply_chunk.attempt, string_agg(reply_chunk.text, '') as shown from reply_chunk
     where reply_chunk.tenant_id = :tenantId and reply_chunk.turn_id = :turnId group by reply_chunk.attempt`,
    { tenantId: turn.tenantId, turnId: toUuid(turn.turnId) },
  );
  return new Map(rows.map(({ attempt, shown }) => [attempt, shown.length]));
}

/** A reply of a turn, before or after it stands in the transcript. */
export interface TurnReply {
  id: MessageId;
  seq: number;
  text: string;
  /** A takeover has stored it already, and told of it. */
  isStored: boolean;
}

/** The words that a takeover kept of a running answer: it read them under the session's lock. */
export async function readCutReply(trx: Knex, turn: ClosingFacts): Promise<TurnReply | null> {
  const { rows } = await trx.raw<{ rows: { id: string; seq: number; text: string }[] }>(
    `select message.id, message.seq, message.text from message
     where message.tenant_id = :tenantId and message.session_id = :sessionId and message.seq > :messageSeq
       and message.turn_id = :turnId and message.author = 'ai' and message.text is not null
     order by message.seq limit 1`,
    {
      tenantId: turn.tenantId,
      sessionId: toUuid(turn.sessionId),
      messageSeq: turn.message.seq,
      turnId: toUuid(turn.turnId),
    },
  );
  const [row] = rows;
  return row === undefined ? null : { id: toId('msg', row.id), seq: row.seq, text: row.text, isStored: true };
}

/** The newest turn behind this one: it answers for both. */
export async function readLaterTurn(trx: Knex, turn: TurnRef): Promise<TurnId | null> {
  return readTurnId(trx, turn, LATER_TURN('turn'));
}

/** The turn of the newest hand-back behind this one: it answers for all that nobody had answered by then. */
export async function readHandbackTurn(trx: Knex, turn: TurnRef): Promise<TurnId | null> {
  return readTurnId(trx, turn, HANDBACK_TURN);
}

const HANDBACK_TURN = `
  select later.id from turn as later where later.tenant_id = turn.tenant_id
    and later.session_id = turn.session_id and later.message_seq > turn.message_seq and later.answers_seq is not null
  order by later.message_seq desc limit 1`;

async function readTurnId(trx: Knex, turn: TurnRef, found: string): Promise<TurnId | null> {
  const { rows } = await trx.raw<{ rows: { id: string | null }[] }>(
    `select (${found}) as id from turn where turn.tenant_id = ? and turn.id = ?`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  const id = rows[0]?.id ?? null;
  return id === null ? null : toId('trn', id);
}
