import type { Knex } from 'knex';

import { toUuid, type SessionId } from '#domain/ids.ts';
import type { ReplyChunk } from '#domain/turn.ts';

// The session's lock makes the fence: a takeover reads the chunks under its own lock, and none is written after it.
// Without it text appeared behind the takeover's cut in most races. The turn's lock does the same for its closing.
const RELEASE = `
  insert into reply_chunk (tenant_id, turn_id, attempt, seq, text)
  select going.tenant_id, going.id, :attempt, :seq, :words
  from (
    select turn.tenant_id, turn.id from chat_session
    join turn on turn.tenant_id = chat_session.tenant_id and turn.session_id = chat_session.id
    where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId
      and chat_session.owner = 'ai' and chat_session.owner_epoch = :ownerEpoch and chat_session.state = 'open'
      and turn.id = :turnId and turn.state = 'open' and turn.stop_at is null and turn.tries = :attempt
    for share of chat_session, turn
  ) as going`;

/** One piece of a running answer, for readers anywhere; false where it may not be shown any more. */
export async function releaseText(
  stream: Knex,
  chunk: ReplyChunk,
  { sessionId, ownerEpoch }: { sessionId: SessionId; ownerEpoch: number },
): Promise<boolean> {
  const { rowCount } = await stream.raw<{ rowCount: number }>(RELEASE, {
    tenantId: chunk.tenantId,
    turnId: toUuid(chunk.turnId),
    sessionId: toUuid(sessionId),
    ownerEpoch,
    attempt: chunk.attempt,
    seq: chunk.seq,
    // Not `text`: see acceptMessage.
    words: chunk.text,
  });
  return rowCount === 1;
}
