import type { Knex } from 'knex';

import { toId, toUuid, type TurnId } from '#domain/ids.ts';
import type { TurnRef } from '#domain/turn.ts';

/** A lease is renewed each second; a process that misses two of them has lost its turn. */
export const LEASE_SECONDS = 3;

/** What may have happened to a turn while the model speaks. */
export interface TurnSight {
  /** Another owner or epoch: a person took over. */
  isFenced: boolean;
  /** The visitor stopped it, or the session was closed. */
  isStopped: boolean;
  /** The newest later turn of the session, if there is one. */
  laterTurnId: TurnId | null;
}

/** The newest turn accepted after one; in a session with a single open turn there is nothing to look for. */
export const LATER_TURN = (turn: 'turn' | 'claimed' | 'renewed'): string => `
  select later.id from turn as later where later.tenant_id = ${turn}.tenant_id
    and later.session_id = ${turn}.session_id and later.message_seq > ${turn}.message_seq
  order by later.message_seq desc limit 1`;

/**
 * People have been in charge since a turn was accepted, and its message is none of its business any more: a takeover
 * has kept its words, or a hand-back has settled who answers. Only a session that has changed hands is looked through.
 */
export const WAS_TAKEN_OVER = (turn: 'turn' | 'claimed'): string => `
  chat_session.owner_epoch > 0 and exists (select from message as later where later.tenant_id = ${turn}.tenant_id
    and later.session_id = ${turn}.session_id and later.seq > ${turn}.message_seq
    and (later.kind = 'handback' or later.turn_id = ${turn}.id))`;

const LOOK = `
  with renewed as (
    update turn set lease_until = now() + interval '${LEASE_SECONDS} seconds'
    where turn.tenant_id = :tenantId and turn.id = :turnId and turn.state = 'open' and turn.lease_token = :lease
      and turn.tries = :attempt
    returning turn.tenant_id, turn.id, turn.session_id, turn.message_seq, turn.stop_at
  )
  select chat_session.owner <> 'ai' or chat_session.owner_epoch <> :ownerEpoch as is_fenced,
    renewed.stop_at is not null or chat_session.state = 'closed' as is_stopped,
    case when chat_session.open_turns > 1 then (${LATER_TURN('renewed')}) end as later_turn_id
  from renewed
  join chat_session on chat_session.tenant_id = renewed.tenant_id and chat_session.id = renewed.session_id`;

/** Keeps the lease of a try, and tells whether it may go on; null where a newer one has the turn. */
export async function lookAtTurn(
  knex: Knex,
  turn: TurnRef & { attempt: number; ownerEpoch: number },
  lease: string,
): Promise<TurnSight | null> {
  const { rows } = await knex.raw<{
    rows: { is_fenced: boolean; is_stopped: boolean; later_turn_id: string | null }[];
  }>(LOOK, {
    tenantId: turn.tenantId,
    turnId: toUuid(turn.turnId),
    attempt: turn.attempt,
    ownerEpoch: turn.ownerEpoch,
    lease,
  });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    isFenced: row.is_fenced,
    isStopped: row.is_stopped,
    laterTurnId: row.later_turn_id === null ? null : toId('trn', row.later_turn_id),
  };
}
