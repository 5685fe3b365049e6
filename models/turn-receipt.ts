import type { CanonicalValue } from '#domain/canonical-json.ts';
import type { EndedTurn } from '#domain/ended-turn.ts';
import { DISCLOSURE_VERSION } from '#domain/fixed-texts.ts';
import { chainReceipt, firstReceiptHash, receiptOfCall, type ChainedReceipt } from '#domain/receipt.ts';
import type { Charge } from '#domain/usage.ts';
import { hmacSha256, sha256Hex } from '#platform/digest.ts';

import type { ClosingFacts } from './closing-facts.ts';
import type { TurnReply } from './shown-text.ts';

export interface ReceiptFacts {
  turn: ClosingFacts;
  ended: EndedTurn;
  charge: Charge;
  reply: TurnReply | null;
  at: Date;
}

/** The turn's record (N4): who answered under which version, from what, at which price. No word of the conversation. */
export function composeReceipt({ turn, ended, charge, reply, at }: ReceiptFacts): ChainedReceipt {
  const { persona } = turn;
  const fields: Record<string, CanonicalValue> = {
    turn_id: turn.turnId,
    seq: turn.receiptSeq + 1,
    tenant_id: turn.tenantId,
    channel: turn.channel,
    'gen_ai.conversation.id': turn.sessionId,
    'gen_ai.agent.id': persona.id,
    'gen_ai.agent.version': persona.number,
    content_hash: persona.contentHash,
    effective_policy_hash: ended.policyHash,
    pricebook_version: charge.pricebookVersion,
    input_message_ids: [turn.message.id],
    reply_message_id: reply?.id ?? null,
    body_mac: [turn.message.text, reply?.text ?? null].map((text) => macOf(turn.macKey, text)),
    retrieval: ended.retrieval.map(({ sourceId, revision, ordinal, score, used }) => ({
      source: sourceId,
      revision,
      chunk: ordinal,
      score,
      used,
    })),
    llm: ended.calls.map(receiptOfCall),
    outcome: ended.outcome,
    problem: ended.problem,
    language: turn.language,
    disclosure: { version: DISCLOSURE_VERSION, shown_at: turn.sessionCreatedAt.toISOString() },
    credits: creditsOf(charge),
    at: at.toISOString(),
  };
  const prevHash =
    turn.receiptHash ??
    firstReceiptHash(
      {
        tenantId: turn.tenantId,
        sessionId: turn.sessionId,
        personaVersionId: persona.versionId,
        createdAt: turn.sessionCreatedAt,
      },
      sha256Hex,
    );
  return chainReceipt(fields, { prevHash, sha256: sha256Hex });
}

/** A plain hash of "yes" could be guessed, so the hash is keyed; with the session's key erased it says nothing. */
function macOf(key: Buffer | null, text: string | null): string | null {
  return key === null || text === null ? null : hmacSha256({ key, text }).toString('hex');
}

function creditsOf(charge: Charge): CanonicalValue {
  const lines = charge.lines.map(({ pos, sku, amountMillicredits, waived }) => ({
    pos,
    sku,
    amount_mc: Number(amountMillicredits),
    waived,
  }));
  const released = charge.heldMillicredits - charge.chargedMillicredits;
  return {
    held_mc: Number(charge.heldMillicredits),
    settled_mc: Number(charge.chargedMillicredits),
    released_mc: Number(released > 0n ? released : 0n),
    lines,
  };
}
