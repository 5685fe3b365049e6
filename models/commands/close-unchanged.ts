import type { Knex } from 'knex';

import { isPaid, type EndedTurn } from '#domain/ended-turn.ts';
import { toId, type EndpointId } from '#domain/ids.ts';
import type { Charge } from '#domain/usage.ts';
import { retryOnConflict, sqlStateOf } from '#platform/database.ts';
import { newId } from '#platform/new-id.ts';

import { closingTurnOf, type ClosingFacts } from '../closing-facts.ts';
import type { CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import type { PlannedSettlement } from '../credit-ledger/end-turn.ts';
import { settleUntouchedHold } from '../credit-ledger/hold-end-sql.ts';
import { eventBindings, EVENTS_OF_RAISED } from '../outbox/event-sql.ts';
import { insertAttempts } from '../provider-attempt.ts';
import type { TurnReply } from '../shown-text.ts';
import { composeReceipt } from '../turn-receipt.ts';
import { closingBindings, type ClosedTurn } from './close-turn.ts';
import { turnEvents } from './turn-events.ts';

/** What a try knows of its turn from the claim and the hold, before its model has said a word. */
export interface SeenTurn {
  facts: ClosingFacts;
  heldMillicredits: bigint;
}

export interface UnchangedEnd {
  charge: Charge;
  reply: TurnReply;
  endpointIds: EndpointId[];
}

const TURN_CHANGED = 'BC002';

/**
 * The end nearly every turn has, in one statement instead of a transaction of six: an answer that is paid, in a session
 * nobody has touched since the claim. All of it was composed from what the claim has seen; the statement asks for each
 * of these facts on the newest rows, under the same locks in the same order, and writes nothing where one has changed.
 * Null then, and for every other end: the transaction decides it.
 */
export async function closeUnchanged(
  { knex, ledger }: { knex: Knex; ledger: CreditLedger },
  ended: EndedTurn,
  { seen, at }: { seen: SeenTurn; at: Date },
): Promise<UnchangedEnd | null> {
  const { facts: turn, heldMillicredits } = seen;
  if (ended.text === null || !isPaidAnswer(ended) || !isOfClaim(ended, turn)) return null;
  const usage = { calls: ended.calls, textDelivered: true };
  const settlement = await ledger.planSettlement(closingTurnOf(turn, ended, at), { usage, heldMillicredits });
  const reply = { id: newId('msg'), seq: turn.nextSeq, text: ended.text, isStored: false };
  const bindings = bindingsOf({ turn, ended, reply, at, charge: settlement.charge }, settlement);
  const endpointIds = await retryOnConflict(() => close(knex, bindings));
  return endpointIds === null ? null : { charge: settlement.charge, reply, endpointIds };
}

function isPaidAnswer(ended: EndedTurn): boolean {
  return ended.outcome === 'answered' && !ended.cut && isPaid(ended) && ended.pricebookVersion !== null;
}

/** What the statement does not ask for: it was true at the claim, and changes only with what is asked for. */
function isOfClaim(ended: EndedTurn, turn: ClosingFacts): boolean {
  if (turn.wasTakenOver || ended.attempt !== turn.tries || ended.ownerEpoch !== turn.ownerEpoch) return false;
  // What tries that died have shown is looked up under the lock.
  return !turn.streams || ended.calls.every(({ attempt }) => attempt === turn.tries);
}

function bindingsOf(closing: Omit<ClosedTurn, 'receipt'>, settlement: PlannedSettlement) {
  const { turn, ended, at } = closing;
  const receipt = composeReceipt(closing);
  const events = turnEvents({ ...closing, receiptHash: receipt.recordHash });
  return {
    ...settlement.bindings,
    ...closingBindings({ ...closing, receipt }),
    ...eventBindings({ tenantId: turn.tenantId, sessionId: turn.sessionId, at, events }),
    attempt: turn.tries,
    ownerEpoch: turn.ownerEpoch,
    seenHash: turn.receiptHash,
    macKey: turn.macKey,
    mayBeCovered: ended.mayBeCovered,
  };
}

async function close(knex: Knex, bindings: ReturnType<typeof bindingsOf>): Promise<EndpointId[] | null> {
  try {
    const { rows } = await knex.raw<{ rows: { outcome: 'closed' | 'changed'; endpoint_ids: string[] }[] }>(
      CLOSE_UNCHANGED,
      bindings,
    );
    const [row] = rows;
    return row?.outcome === 'closed' ? row.endpoint_ids.map((id) => toId('whk', id)) : null;
  } catch (error) {
    if (sqlStateOf(error) === TURN_CHANGED) return null;
    throw error;
  }
}

const UNCHANGED_TURN = `turn.tenant_id = :tenantId and turn.id = :turnId and turn.state = 'open'
      and turn.tries = :attempt and turn.stop_at is null`;

// The session is locked first, then the turn, then its hold: the one lock order of the house. Each is asked for again
// on its newest row; should one have changed while the session was waited for, all of it is undone.
const CLOSE_UNCHANGED = `
  with raised as (
    update chat_session set next_seq = chat_session.next_seq + 1, receipt_seq = :receiptSeq, receipt_hash = :recordHash,
      open_turns = chat_session.open_turns - 1, last_at = :at, event_seq = chat_session.event_seq + :eventCount
    where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId and chat_session.state = 'open'
      and chat_session.owner = 'ai' and chat_session.owner_epoch = :ownerEpoch
      and chat_session.next_seq = :replySeq and chat_session.receipt_seq = :receiptSeq - 1
      and chat_session.receipt_hash is not distinct from :seenHash and chat_session.mac_key is not distinct from :macKey
      and chat_session.last_at <= :at and (chat_session.open_turns = 1 or not :mayBeCovered)
      and exists (select from turn where ${UNCHANGED_TURN})
    returning chat_session.id, chat_session.event_seq - :eventCount as told_before
  ), closed as (
    update turn set state = 'closed', outcome = :outcome, reply_seq = :replySeq, charged_mc = :chargedMillicredits,
      pricebook_version = :pricebookVersion, model_ms = :modelMs, lease_token = null, lease_until = null,
      closed_at = :at
    from raised where ${UNCHANGED_TURN}
    returning turn.session_id
  ), ${settleUntouchedHold('closed')}, replied as (
    insert into message (tenant_id, session_id, seq, id, author, text, cut, turn_id, citations, created_at)
    select :tenantId, :sessionId, :replySeq::integer, :replyId::uuid, 'ai', :words::text, false, :turnId,
      :citations::jsonb, :at
    from closed
  ), called as (${insertAttempts('closed')}
  ), received as (
    insert into turn_receipt (tenant_id, turn_id, session_id, seq, record, prev_hash, record_hash, at)
    select :tenantId, :turnId, :sessionId, :receiptSeq, :record, :prevHash, :recordHash, :at from closed
  ), ${EVENTS_OF_RAISED}
  select case when not exists (select from raised) then 'changed'
      when exists (select from ended_hold) and (select count(*) from emitted) = :eventCount then 'closed'
      else turn_changed() end as outcome,
    array(select distinct delivered.endpoint_id from delivered) as endpoint_ids`;
