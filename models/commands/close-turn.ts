import type { Knex } from 'knex';

import type { EndedTurn } from '#domain/ended-turn.ts';
import { toUuid } from '#domain/ids.ts';
import type { ChainedReceipt } from '#domain/receipt.ts';
import type { Charge } from '#domain/usage.ts';

import type { ClosingFacts } from '../closing-facts.ts';
import { attemptsOf, insertAttempts } from '../provider-attempt.ts';
import type { TurnReply } from '../shown-text.ts';

export interface ClosedTurn {
  turn: ClosingFacts;
  ended: EndedTurn;
  charge: Charge;
  receipt: ChainedReceipt;
  reply: TurnReply | null;
  at: Date;
}

/** Reply, model calls, receipt, turn and the session's counters in one statement, under both locks. */
export async function closeTurn(trx: Knex, closed: ClosedTurn): Promise<void> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(CLOSE, closingBindings(closed));
  if (rows.length !== 1) throw new Error(`turn ${closed.turn.turnId} was closed twice`);
}

const CLOSE = `
  with replied as (
    insert into message (tenant_id, session_id, seq, id, author, text, cut, turn_id, citations,
      created_at)
    select :tenantId, :sessionId, :replySeq::integer, :replyId::uuid, 'ai', :words::text, :cut, :turnId,
      :citations::jsonb, :at
    where :replyId::uuid is not null
    returning seq
  ), called as (${insertAttempts()}
  ), received as (
    insert into turn_receipt (tenant_id, turn_id, session_id, seq, record, prev_hash, record_hash, at)
    values (:tenantId, :turnId, :sessionId, :receiptSeq, :record, :prevHash, :recordHash, :at)
  ), closed as (
    update turn set state = 'closed', outcome = :outcome, problem = :problem, reply_seq = :replySeq,
      covered_by = :coveredBy,
      charged_mc = :chargedMillicredits, pricebook_version = :pricebookVersion, model_ms = :modelMs,
      lease_token = null, lease_until = null, closed_at = :at
    where turn.tenant_id = :tenantId and turn.id = :turnId and turn.state <> 'closed'
    returning turn.session_id
  )
  update chat_session set next_seq = chat_session.next_seq + (select count(*) from replied),
    receipt_seq = :receiptSeq, receipt_hash = :recordHash, open_turns = chat_session.open_turns - 1, last_at = :at
  from closed where chat_session.tenant_id = :tenantId and chat_session.id = closed.session_id
  returning chat_session.id`;

/** For this statement, and for the one that ends an unchanged turn. */
export function closingBindings({ turn, ended, charge, receipt, reply, at }: ClosedTurn) {
  return {
    tenantId: turn.tenantId,
    sessionId: toUuid(turn.sessionId),
    turnId: toUuid(turn.turnId),
    // What a takeover has stored is named as the reply, and not stored again.
    replyId: reply === null || reply.isStored ? null : toUuid(reply.id),
    replySeq: reply?.seq ?? null,
    cut: ended.cut,
    coveredBy: ended.coveredBy === null ? null : toUuid(ended.coveredBy),
    // Not `text`: the query builder would read the cast `::text` as this binding.
    words: reply?.text ?? null,
    citations: JSON.stringify(ended.citations),
    calls: attemptsOf(ended.calls),
    receiptSeq: turn.receiptSeq + 1,
    record: receipt.record,
    prevHash: receipt.prevHash,
    recordHash: receipt.recordHash,
    outcome: ended.outcome,
    problem: ended.problem,
    chargedMillicredits: String(charge.chargedMillicredits),
    pricebookVersion: charge.pricebookVersion,
    modelMs: ended.modelMs,
    at,
  };
}
