import type { Knex } from 'knex';

import { toId, toUuid, type TurnId } from '#domain/ids.ts';

import type { SessionRef } from '../session-owner.ts';

// A piece of the answer is released only under a lock on this row: what is shown by now is kept, and nothing follows.
// Whoever waited for the lock while the turn closed finds it closed, and has stopped nothing.
const STOP = `
  with running as (
    select turn.id from turn
    where turn.tenant_id = :tenantId and turn.session_id = :sessionId and turn.state <> 'closed'
    order by turn.message_seq limit 1
  )
  update turn set stop_at = coalesce(turn.stop_at, greatest(:at, turn.accepted_at))
  from running
  where turn.tenant_id = :tenantId and turn.id = running.id and turn.state <> 'closed'
  returning turn.id`;

/** Ends the running answer where it stands; a second stop finds the first. Null where every turn has its outcome. */
export async function stopAnswer(knex: Knex, { tenantId, sessionId }: SessionRef, at: Date): Promise<TurnId | null> {
  const { rows } = await knex.raw<{ rows: { id: string }[] }>(STOP, { tenantId, sessionId: toUuid(sessionId), at });
  const [row] = rows;
  return row === undefined ? null : toId('trn', row.id);
}
