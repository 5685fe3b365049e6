import type { Knex } from 'knex';

import { waiveRest } from '#domain/credits/waive-calls.ts';
import { isCharged, releaseReasonOf, type EndedTurn } from '#domain/ended-turn.ts';
import type { EndpointId } from '#domain/ids.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import type { Charge, ClosingTurn } from '#domain/usage.ts';
import { retryOnConflict } from '#platform/database.ts';
import { newId } from '#platform/new-id.ts';

import { lockTurnWithSession, type LockedTurn } from '../closing-turn.ts';
import type { CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { emit } from '../outbox/emit.ts';
import { readTurnAnswer } from '../read/turn-answer.ts';
import { composeReceipt } from '../turn-receipt.ts';
import { closeTurn } from './close-turn.ts';
import { turnEvents } from './turn-events.ts';

export interface RecordedTurn {
  answer: TurnAnswer;
  /** Whose doorbell rings after the commit. */
  endpointIds: EndpointId[];
}

/**
 * Reply, charge, receipt and events commit together, or not at all: the one command that ends a turn, whoever asks.
 * A retry, or a race with failTurn, finds the outcome that came first and changes nothing.
 */
export async function recordTurn(
  { knex, ledger }: { knex: Knex; ledger: CreditLedger },
  ended: EndedTurn,
  now: Date,
): Promise<RecordedTurn> {
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const turn = await lockTurnWithSession(trx, ended);
      if (turn.state === 'closed') return { answer: await storedAnswer(trx, ended), endpointIds: [] };
      // The fence: a person took over while the model was thinking, so these words never leave.
      const allowed = turn.owner === 'ai' && turn.ownerEpoch === ended.ownerEpoch ? ended : withheld(ended);
      // Times follow the session's numbers, whatever the clocks of two processes say.
      const at = now > turn.lastAt ? now : turn.lastAt;

      const reply = allowed.text === null ? null : { id: newId('msg'), text: allowed.text };
      const charge = await closeHold(trx, ledger, { turn, ended: allowed, at });
      const receipt = composeReceipt({ turn, ended: allowed, charge, reply, at });
      await closeTurn(trx, { turn, ended: allowed, charge, receipt, reply, at });
      // Last before the commit: one statement gives both events their seq.
      const events = turnEvents({ turn, ended: allowed, charge, reply, receiptHash: receipt.recordHash, at });
      const endpointIds = await emit(trx, { tenantId: turn.tenantId, sessionId: turn.sessionId, at, events });
      return { answer: answerOf({ turn, ended: allowed, charge, reply, at }), endpointIds };
    }),
  );
}

async function storedAnswer(trx: Knex, ended: EndedTurn): Promise<TurnAnswer> {
  const answer = await readTurnAnswer(trx, ended);
  if (answer === null) throw new Error(`turn ${ended.turnId} is closed without an outcome`);
  return answer;
}

function withheld(ended: EndedTurn): EndedTurn {
  const calls = waiveRest(ended.calls, 'withheld');
  return { ...ended, outcome: 'suppressed_by_human', text: null, citations: [], calls, problem: null };
}

async function closeHold(
  trx: Knex.Transaction,
  ledger: CreditLedger,
  { turn, ended, at }: { turn: LockedTurn; ended: EndedTurn; at: Date },
): Promise<Charge> {
  const closing: ClosingTurn = {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    sessionId: turn.sessionId,
    channel: turn.channel,
    source: 'chat',
    personaVersionId: turn.persona.versionId,
    pricebookVersion: ended.pricebookVersion,
    requestHash: turn.bodyHash,
    at,
  };
  if (isCharged(ended.outcome)) {
    return ledger.settle(trx, closing, { calls: ended.calls, textDelivered: ended.text !== null });
  }
  const usage = { calls: ended.calls, textDelivered: false };
  return ledger.release(trx, closing, { reason: releaseReasonOf(ended.outcome), usage });
}

function answerOf(facts: {
  turn: LockedTurn;
  ended: EndedTurn;
  charge: Charge;
  reply: { id: `msg_${string}`; text: string } | null;
  at: Date;
}): TurnAnswer {
  const { turn, ended, charge, reply, at } = facts;
  const startedAt = turn.openedAt ?? at;
  return {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    sessionId: turn.sessionId,
    messageSeq: turn.message.seq,
    outcome: ended.outcome,
    reply:
      reply === null ? null : { messageId: reply.id, seq: turn.nextSeq, text: reply.text, citations: ended.citations },
    coveredBy: null,
    owner: turn.owner,
    language: turn.language,
    persona: { id: turn.persona.id, number: turn.persona.number, name: turn.persona.name },
    chargedMillicredits: charge.chargedMillicredits,
    pricebookVersion: charge.pricebookVersion,
    queueMs: startedAt.getTime() - turn.acceptedAt.getTime(),
    modelMs: ended.modelMs,
    closedAt: at,
  };
}
