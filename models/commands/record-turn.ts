import type { Knex } from 'knex';

import { isPaid, releaseReasonOf, type EndedTurn } from '#domain/ended-turn.ts';
import type { EndpointId } from '#domain/ids.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import type { Charge } from '#domain/usage.ts';
import { retryOnConflict } from '#platform/database.ts';

import { closingTurnOf, lockTurnWithSession, type ClosingFacts } from '../closing-facts.ts';
import type { CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { emit } from '../outbox/emit.ts';
import { readTurnAnswer } from '../read/turn-answer.ts';
import { composeReceipt } from '../turn-receipt.ts';
import type { TurnReply } from '../shown-text.ts';
import { closeTurn } from './close-turn.ts';
import { closeUnchanged, type SeenTurn } from './close-unchanged.ts';
import { decideEnd } from './decide-end.ts';
import { turnEvents } from './turn-events.ts';

export type RecordedTurn =
  /** Ended by this call, or `found` as another one had ended it. */
  | { kind: 'recorded' | 'found'; answer: TurnAnswer; endpointIds: EndpointId[] }
  /** A newer try has the turn: whatever it shows or records counts, and nothing of this one. */
  | { kind: 'overtaken' };

/**
 * Reply, charge, receipt and events commit together, or not at all: the one command that ends a turn, whoever asks.
 * A retry, or a race with failTurn, finds the outcome that came first and changes nothing. So does a try that was given
 * up for dead and wakes up again: the visitor may be reading the words of the next one.
 */
export async function recordTurn(
  deps: { knex: Knex; ledger: CreditLedger },
  composed: EndedTurn,
  { now, seen = null }: { now: Date; seen?: SeenTurn | null },
): Promise<RecordedTurn> {
  const closed = seen === null ? null : await closeUnchanged(deps, composed, { seen, at: now });
  if (seen === null || closed === null) return decideAndRecord(deps, composed, now);
  const answer = answerOf({ turn: seen.facts, ended: composed, ...closed, at: now });
  return { kind: 'recorded', answer, endpointIds: closed.endpointIds };
}

/** Under the locks everything is looked at again, for much may have happened while the model spoke. */
function decideAndRecord(
  { knex, ledger }: { knex: Knex; ledger: CreditLedger },
  composed: EndedTurn,
  now: Date,
): Promise<RecordedTurn> {
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const turn = await lockTurnWithSession(trx, composed);
      if (turn.state === 'closed') return { kind: 'found', answer: await storedAnswer(trx, composed), endpointIds: [] };
      if (composed.attempt !== null && composed.attempt !== turn.tries) return { kind: 'overtaken' };
      const { ended, reply } = await decideEnd(trx, turn, composed);
      // Times follow the session's numbers, whatever the clocks of two processes say.
      const at = now > turn.lastAt ? now : turn.lastAt;

      const charge = await closeHold(trx, ledger, { turn, ended, at });
      const receipt = composeReceipt({ turn, ended, charge, reply, at });
      await closeTurn(trx, { turn, ended, charge, receipt, reply, at });
      // Last before the commit: one statement gives both events their seq.
      const events = turnEvents({ turn, ended, charge, reply, receiptHash: receipt.recordHash, at });
      const endpointIds = await emit(trx, { tenantId: turn.tenantId, sessionId: turn.sessionId, at, events });
      return { kind: 'recorded', answer: answerOf({ turn, ended, charge, reply, at }), endpointIds };
    }),
  );
}

async function storedAnswer(trx: Knex, ended: EndedTurn): Promise<TurnAnswer> {
  const answer = await readTurnAnswer(trx, ended);
  if (answer === null) throw new Error(`turn ${ended.turnId} is closed without an outcome`);
  return answer;
}

async function closeHold(
  trx: Knex.Transaction,
  ledger: CreditLedger,
  { turn, ended, at }: { turn: ClosingFacts; ended: EndedTurn; at: Date },
): Promise<Charge> {
  const closing = closingTurnOf(turn, ended, at);
  if (isPaid(ended)) {
    return ledger.settle(trx, closing, { calls: ended.calls, textDelivered: ended.text !== null });
  }
  const usage = { calls: ended.calls, textDelivered: false };
  return ledger.release(trx, closing, { reason: releaseReasonOf(ended.outcome), usage });
}

function answerOf(facts: {
  turn: ClosingFacts;
  ended: EndedTurn;
  charge: Charge;
  reply: TurnReply | null;
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
      reply === null ? null : { messageId: reply.id, seq: reply.seq, text: reply.text, citations: ended.citations },
    coveredBy: ended.coveredBy,
    discloses: turn.discloses && reply !== null && !reply.isStored,
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
