import type { PersonaVersionId, SessionId, TenantId, TurnId } from '../ids.ts';
import type { ChargeLine } from '../usage.ts';
import { exactNumber } from './decimal-credits.ts';
import type { CanonicalObject } from './ledger-hash.ts';

export type LedgerKind = 'grant' | 'settle' | 'release' | 'expire' | 'refund' | 'close';

export interface LedgerEntry {
  account: string;
  /** Signed; the entries of one document sum to zero. */
  amountMillicredits: bigint;
}

/** What happened, before it has its place in the chain. */
export interface LedgerDocument {
  kind: LedgerKind;
  docId: string;
  periodNo: number | null;
  reason: string | null;
  pricebookVersion: number | null;
  amountMillicredits: bigint;
  lineCount: number;
  lineRoot: string | null;
  receiptHash: string | null;
  at: Date;
  entries: readonly LedgerEntry[];
}

export interface LedgerHead {
  tenantId: TenantId;
  seq: number;
  hash: string;
  balanceMillicredits: bigint;
  sealedAt: Date;
}

export interface SealedTransaction extends LedgerDocument {
  tenantId: TenantId;
  seq: number;
  balanceAfterMillicredits: bigint;
  sealedAt: Date;
  hash: string;
}

/** Whose line it is; with the line itself, everything its hash covers. */
export interface LineOwner {
  tenantId: TenantId;
  docId: string;
  turnId: TurnId;
  sessionId: SessionId;
  channel: string;
  source: string;
  personaVersionId: PersonaVersionId;
  pricebookVersion: number;
  at: Date;
}

export function grantAccount(grantId: string): string {
  return `grant:${grantId}`;
}

export function isGrantAccount(account: string): boolean {
  return account.startsWith('grant:');
}

/** The hashed form of a usage line. */
export function lineDocument(owner: LineOwner, line: ChargeLine): CanonicalObject {
  return {
    tenant_id: owner.tenantId,
    doc_id: owner.docId,
    pos: line.pos,
    turn_id: owner.turnId,
    session_id: owner.sessionId,
    step: line.step,
    channel: owner.channel,
    source: owner.source,
    persona_version_id: owner.personaVersionId,
    kind: line.kind,
    waived: line.waived,
    sku: line.sku,
    provider: line.provider,
    model: line.model,
    provider_request_id: line.providerRequestId,
    pools: line.pools,
    reasoning: line.reasoningTokens,
    estimated: line.estimated,
    pricebook_version: owner.pricebookVersion,
    rates: line.rates,
    raw_ucr: exactNumber(line.rawUcr),
    amount_mc: exactNumber(line.amountMillicredits),
    corrects_doc: null,
    corrects_pos: null,
    at: owner.at.toISOString(),
  };
}

/** The hashed form of a transaction: it names its predecessor, its entries, its lines and its receipt. */
export function transactionDocument(transaction: Omit<SealedTransaction, 'hash'>, prevHash: string): CanonicalObject {
  return {
    tenant_id: transaction.tenantId,
    seq: transaction.seq,
    prev_hash: prevHash,
    kind: transaction.kind,
    doc_id: transaction.docId,
    period_no: transaction.periodNo,
    reason: transaction.reason,
    pricebook_version: transaction.pricebookVersion,
    amount_mc: exactNumber(transaction.amountMillicredits),
    balance_after_mc: exactNumber(transaction.balanceAfterMillicredits),
    n_lines: transaction.lineCount,
    line_root: transaction.lineRoot,
    receipt_hash: transaction.receiptHash,
    at: transaction.at.toISOString(),
    sealed_at: transaction.sealedAt.toISOString(),
    entries: transaction.entries.map((entry, index) => ({
      pos: index + 1,
      account: entry.account,
      amount_mc: exactNumber(entry.amountMillicredits),
    })),
  };
}
