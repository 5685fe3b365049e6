import { waiveRest } from './credits/waive-calls.ts';
import type { ScoredChunk } from './grounding.ts';
import type { TurnId } from './ids.ts';
import type { Citation, Outcome, TurnRef } from './turn.ts';
import type { ModelCall, ReleaseReason } from './usage.ts';

/** How a turn ended, before it is on record: composed outside the closing transaction, decided inside it. */
export interface EndedTurn extends TurnRef {
  /** The try that composed it, which must be the newest one; null for an end that belongs to none. */
  attempt: number | null;
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
  /** What of the text this try has shown while it ran; '' where nobody streamed it. */
  shown: string;
  /** The text ends where it was stopped. */
  cut: boolean;
  /** Nothing of it was shown, so a later message may be answered instead. */
  mayBeCovered: boolean;
  /** The newest turn that answers this message too; only of a superseded one. */
  coveredBy: TurnId | null;
}

/** What every end has that neither shows words while it runs nor gives way to a later turn. */
export const UNSEEN = { shown: '', cut: false, mayBeCovered: false, coveredBy: null } as const;

/** The fence: a person took over while the model was thinking. Words not yet shown never leave. */
export function withholdEnd(ended: EndedTurn): EndedTurn {
  const calls = waiveRest(ended.calls, 'withheld');
  return { ...ended, ...UNSEEN, outcome: 'suppressed_by_human', text: null, citations: [], calls, problem: null };
}

/**
 * The visitor stopped it: text kept = text shown, charged where this try showed it. An answer that was shown to its end
 * came before the stop.
 */
export function stopEnd(ended: EndedTurn, shown: string): EndedTurn {
  if (ended.text !== null && ended.text === shown) return ended;
  const isOurs = ended.shown !== '' && shown.startsWith(ended.shown);
  return {
    ...ended,
    outcome: 'answered',
    text: shown === '' ? null : shown,
    cut: shown !== '',
    citations: ended.citations.filter(({ index }) => shown.includes(`[${index}]`)),
    calls: isOurs ? ended.calls : waiveRest(ended.calls, 'withheld'),
    problem: null,
  };
}

/** A later message of the session was accepted before anything of this answer was shown: that turn answers both. */
export function coverEnd(ended: EndedTurn, coveredBy: TurnId): EndedTurn {
  const calls = waiveRest(ended.calls, 'superseded');
  return { ...ended, outcome: 'superseded', text: null, citations: [], calls, problem: null, coveredBy };
}

/** An outcome that delivered the model's words is paid; every other one costs the tenant nothing. */
export function isCharged(outcome: Outcome): boolean {
  return outcome === 'answered' || outcome === 'escalated';
}

/** Whether the hold is settled: words were delivered, and a call that made them is not waived. */
export function isPaid({ outcome, calls }: Pick<EndedTurn, 'outcome' | 'calls'>): boolean {
  return isCharged(outcome) && calls.some(({ waived }) => waived === null);
}

/** Why the hold of a turn that is not charged goes back. */
export function releaseReasonOf(outcome: Outcome): ReleaseReason {
  switch (outcome) {
    case 'refused':
      return 'refused';
    case 'blocked':
    case 'escalated':
      return 'blocked';
    case 'credit_stopped':
      return 'credit_stopped';
    case 'answered':
    case 'suppressed_by_human':
      return 'withheld';
    case 'superseded':
      return 'superseded';
    case 'failed':
      return 'failed';
  }
}
