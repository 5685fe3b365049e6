import type { EventDraft } from '#contract/events.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { EndedTurn } from '#domain/ended-turn.ts';
import type { Charge } from '#domain/usage.ts';

import type { ClosingFacts } from '../closing-facts.ts';
import type { TurnReply } from '../shown-text.ts';

export interface TurnEventFacts {
  turn: ClosingFacts;
  ended: EndedTurn;
  charge: Charge;
  reply: TurnReply | null;
  receiptHash: string;
  at: Date;
}

/** What the world is told of an ended turn: the reply, if there is one, and exactly one completed or failed. */
export function turnEvents(facts: TurnEventFacts): EventDraft[] {
  const ended = endedEvent(facts);
  // A reply that a takeover has stored was told of then.
  return facts.reply === null || facts.reply.isStored ? [ended] : [sentEvent(facts, facts.reply), ended];
}

function sentEvent({ turn, ended }: TurnEventFacts, reply: TurnReply): EventDraft {
  return {
    type: 'message.sent',
    dedupeKey: `message/${reply.id}/sent`,
    data: {
      message_id: reply.id,
      message_seq: reply.seq,
      author: { type: 'ai', id: turn.persona.id },
      attachments: 0,
      turn_id: ended.turnId,
      reply_to: turn.message.id,
      ai_generated: true,
    },
  };
}

function endedEvent({ turn, ended, charge, receiptHash, at }: TurnEventFacts): EventDraft {
  const type = ended.outcome === 'failed' ? 'turn.failed' : 'turn.completed';
  return {
    type,
    dedupeKey: `turn/${ended.turnId}/ended`,
    data: {
      turn_id: ended.turnId,
      outcome: ended.outcome,
      category: ended.problem,
      latency_ms: at.getTime() - turn.acceptedAt.getTime(),
      rails_tripped: [],
      credits: formatCredits(charge.chargedMillicredits),
      pricebook_version: charge.pricebookVersion,
      receipt_hash: receiptHash,
    },
  };
}
