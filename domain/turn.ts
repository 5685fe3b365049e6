import type { SessionId, MessageId, TenantId, TurnId } from './ids.ts';
import type { Language } from './languages.ts';

/** All a workflow ever knows of a turn: which one. Every word and number stays in PostgreSQL. */
export interface TurnRef {
  tenantId: TenantId;
  turnId: TurnId;
}

/** Who wrote a message: `user` is a signed-in caller, `human` a person of the team. */
export type MessageAuthor = 'visitor' | 'user' | 'ai' | 'human' | 'system';

/** What a message is: words, a note of the team, or the line a person handed back with. */
export type MessageKind = 'text' | 'note' | 'handback';

/** The family of paths a session was opened on; session ids are scoped by tenant and channel. */
export type Channel = 'public' | 'widget' | 'signed_in';

export const OUTCOMES = [
  'answered',
  'refused',
  'blocked',
  'escalated',
  'credit_stopped',
  'suppressed_by_human',
  'superseded',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** All a workflow learns of a turn's end: no text, no amount. */
export interface TurnOutcome {
  outcome: Outcome;
}

export type Owner = 'ai' | 'queue' | 'human';

/** A source that an answer names, as a reader sees it; `index` is the mark `[n]` in the text. */
export interface Citation {
  index: number;
  sourceId: `src_${string}`;
  title: string;
  url: string | null;
}

export interface Reply {
  messageId: MessageId;
  seq: number;
  text: string;
  citations: readonly Citation[];
}

/** The outcome of a turn with everything a caller may be told about it; presenters choose by path. */
export interface TurnAnswer extends TurnRef {
  sessionId: SessionId;
  messageSeq: number;
  outcome: Outcome;
  reply: Reply | null;
  coveredBy: TurnId | null;
  /** Bob's first words after a person handed back: the visitor is told again that an AI speaks. */
  discloses?: boolean;
  owner: Owner;
  language: Language;
  persona: { id: `per_${string}`; number: number; name: string };
  chargedMillicredits: bigint;
  pricebookVersion: number | null;
  /** For `Server-Timing`: how long the turn waited, and how long the model took. */
  queueMs: number;
  modelMs: number | null;
  closedAt: Date;
}

/** Waiting and running turns of one session; one more is refused, so that a flood waits nowhere. */
export const OPEN_TURNS_MAX = 5;

/** A piece of a running answer that the visitor may see: the n-th of a try. Joined, they are the reply so far. */
export interface ReplyChunk extends TurnRef {
  attempt: number;
  /** From 1 in each try, without a gap. */
  seq: number;
  text: string;
}
