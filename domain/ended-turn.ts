import type { ScoredChunk } from './grounding.ts';
import type { Citation, Outcome, TurnRef } from './turn.ts';
import type { ModelCall, ReleaseReason } from './usage.ts';

/** How a turn ended, before it is on record: composed outside the closing transaction, decided inside it. */
export interface EndedTurn extends TurnRef {
  outcome: Outcome;
  /** What the visitor is told; null keeps silent. */
  text: string | null;
  citations: readonly Citation[];
  calls: readonly ModelCall[];
  /** The passages that stood in the prompt. */
  retrieval: readonly (ScoredChunk & { used: boolean })[];
  /** The owner's epoch the answer was made under: a newer one means that a person took over meanwhile. */
  ownerEpoch: number;
  pricebookVersion: number | null;
  policyHash: string | null;
  /** Why it failed, as a stable slug. */
  problem: string | null;
  modelMs: number | null;
}

/** An outcome that delivered the model's words is paid; every other one costs the tenant nothing. */
export function isCharged(outcome: Outcome): boolean {
  return outcome === 'answered' || outcome === 'escalated';
}

/** Why the hold of a turn that is not charged goes back. */
export function releaseReasonOf(outcome: Outcome): ReleaseReason {
  switch (outcome) {
    case 'answered':
    case 'refused':
      return 'refused';
    case 'blocked':
    case 'escalated':
      return 'blocked';
    case 'credit_stopped':
      return 'credit_stopped';
    case 'suppressed_by_human':
      return 'withheld';
    case 'superseded':
      return 'superseded';
    case 'failed':
      return 'failed';
  }
}
