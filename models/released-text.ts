import type { Knex } from 'knex';

import { toId, toUuid, type MessageId, type TurnId } from '#domain/ids.ts';

import type { SessionRef } from './session-owner.ts';
import { readShownText } from './shown-text.ts';

export interface ReleasedText {
  turnId: TurnId;
  /** The visitor's message that was being answered. */
  answers: MessageId;
  text: string;
}

/**
 * What the visitor has seen of the running answer, and nobody has kept yet. Asked under the session's lock, for which
 * every piece waits too: none can follow.
 */
export async function readReleasedText(trx: Knex, { tenantId, sessionId }: SessionRef): Promise<ReleasedText | null> {
  const { rows } = await trx.raw<{ rows: { turn_id: string; message_id: string }[] }>(RUNNING, {
    tenantId,
    sessionId: toUuid(sessionId),
  });
  const [row] = rows;
  if (row === undefined) return null;
  const turnId = toId('trn', row.turn_id);
  const text = await readShownText(trx, { tenantId, turnId });
  return text === '' ? null : { turnId, answers: toId('msg', row.message_id), text };
}

// A turn that was taken over and handed back before it ended has its words in the transcript already.
const RUNNING = `
  select turn.id as turn_id, message.id as message_id
  from turn
  join message on message.tenant_id = turn.tenant_id and message.session_id = turn.session_id
    and message.seq = coalesce(turn.answers_seq, turn.message_seq)
  where turn.tenant_id = :tenantId and turn.session_id = :sessionId and turn.state = 'open' and turn.streams
    and not exists (select from message as kept where kept.tenant_id = turn.tenant_id
      and kept.session_id = turn.session_id and kept.turn_id = turn.id and kept.author = 'ai')
  order by turn.message_seq limit 1`;
