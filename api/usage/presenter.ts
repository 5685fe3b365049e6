import type { BalanceView, LedgerTransactionView, UsageLineView } from '#contract/usage.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import { lineFormula } from '#domain/credits/line-formula.ts';
import type { UsageBalance } from '#models/read/usage-balance.ts';
import type { LedgerRow } from '#models/read/usage-ledger.ts';
import type { UsageLine } from '#models/read/usage-lines.ts';

export function presentBalance({ availableMillicredits, settling, period, grants }: UsageBalance): BalanceView {
  return {
    available: formatCredits(availableMillicredits),
    settling: { turns: settling.turns, credits: formatCredits(settling.millicredits) },
    period: period === null ? null : presentPeriod(period),
    grants: grants.map((grant) => ({
      id: grant.grantId,
      kind: grant.kind,
      amount: formatCredits(grant.amountMillicredits),
      held: formatCredits(grant.heldMillicredits),
      spent: formatCredits(grant.spentMillicredits),
      expired: formatCredits(grant.expiredMillicredits),
      remaining: formatCredits(grant.remainingMillicredits),
      expires_at: grant.expiresAt?.toISOString() ?? null,
    })),
  };
}

function presentPeriod(period: { no: number; startsAt: Date; endsAt: Date }) {
  return { no: period.no, starts_at: period.startsAt.toISOString(), ends_at: period.endsAt.toISOString() };
}

export function presentUsageLine(line: UsageLine): UsageLineView {
  return {
    turn_id: line.turnId,
    pos: line.pos,
    at: line.at.toISOString(),
    sku: line.sku,
    pools: line.pools,
    rates: line.rates,
    pricebook_version: line.pricebookVersion,
    formula: lineFormula(line),
    credits: formatCredits(line.amountMillicredits),
    waived: line.waived,
    estimated: line.estimated,
    provider_request_id: line.providerRequestId,
    ledger_seq: line.ledgerSeq,
  };
}

export function presentTransaction(row: LedgerRow): LedgerTransactionView {
  return {
    seq: row.seq,
    kind: row.kind,
    doc_id: row.docId,
    reason: row.reason,
    credits: formatCredits(row.amountMillicredits),
    balance_after: formatCredits(row.balanceAfterMillicredits),
    entries: row.entries.map((entry) => ({ account: entry.account, credits: formatCredits(entry.amountMillicredits) })),
    receipt_hash: row.receiptHash,
    hash: row.hash,
    sealed_at: row.sealedAt.toISOString(),
  };
}
