import type { PersonaVersionId, SessionId, TenantId, TurnId } from './ids.ts';

/** Why a call costs the tenant nothing although the provider may have billed it. */
export const WAIVED_REASONS = ['blocked', 'provider_error', 'withheld', 'superseded', 'lost_attempt'] as const;
export type WaivedReason = (typeof WAIVED_REASONS)[number];

/** Exclusive pools: no token is counted in two of them. */
export interface TokenPools {
  input: number;
  cachedInput: number;
  cacheWrite: number;
  output: number;
}

/** One call to the model, charged or waived, as the model adapter measured it. */
export interface ModelCall {
  step: string;
  attempt: number;
  sku: string;
  provider: string;
  model: string;
  providerRequestId: string | null;
  pools: TokenPools;
  reasoningTokens: number;
  /** The provider sent no usage, so the tokens were counted here. */
  estimated: boolean;
  waived: WaivedReason | null;
  /** Characters of it that were shown while it ran; absent where nobody streamed it. */
  releasedCharacters?: number;
}

export interface TurnUsage {
  calls: readonly ModelCall[];
  /** Words of the model reached the visitor: the minimum price applies. */
  textDelivered: boolean;
}

/** What a turn asks the ledger to set aside before the model is called. */
export interface HoldRequest {
  tenantId: TenantId;
  turnId: TurnId;
  /** SHA-256 of what the turn was asked; the same turn with another hash is an error. */
  requestHash: string;
  /** The version the caller priced with: a hint, null if it knows none. `Held` names the one that is pinned. */
  pricebookVersion: number | null;
  wantMillicredits: bigint;
  minMillicredits: bigint;
  at: Date;
  ttlMs: number;
}

export interface Held {
  state: 'held';
  reservedMillicredits: bigint;
  pricebookVersion: number;
  /** This hold was there already: a retry of the same turn. */
  replay: boolean;
}

export interface Refused {
  state: 'refused';
  availableMillicredits: bigint;
  resetsAt: Date;
}

export interface Busy {
  state: 'busy';
  retryAfterMs: number;
}

export type ReleaseReason =
  | 'refused'
  | 'blocked'
  | 'failed'
  | 'superseded'
  | 'withheld'
  | 'suppressed'
  | 'credit_stopped';

/** The facts of a turn that its lines and its row in the ledger carry. */
export interface ClosingTurn {
  tenantId: TenantId;
  turnId: TurnId;
  sessionId: SessionId;
  channel: string;
  source: string;
  personaVersionId: PersonaVersionId;
  /** The version `Held` named; null for a turn that never held. */
  pricebookVersion: number | null;
  requestHash: string;
  at: Date;
}

export type LineKind = 'llm' | 'tool' | 'minimum' | 'correction';

/** One priced line, as it is stored, hashed and shown. */
export interface ChargeLine {
  pos: number;
  kind: LineKind;
  step: string;
  sku: string;
  provider: string | null;
  model: string | null;
  providerRequestId: string | null;
  pools: Readonly<Record<string, number>>;
  rates: Readonly<Record<string, number>>;
  reasoningTokens: number;
  estimated: boolean;
  waived: WaivedReason | null;
  rawUcr: bigint;
  amountMillicredits: bigint;
}

export interface Charge {
  chargedMillicredits: bigint;
  heldMillicredits: bigint;
  pricebookVersion: number;
  lines: readonly ChargeLine[];
}
