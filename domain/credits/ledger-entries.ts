import type { CoveredCharge } from './cover-charges.ts';
import { grantAccount } from './ledger-document.ts';
import type { LedgerEntry } from './ledger-document.ts';

/** Credits come into being: out of what was issued, into the grant. */
export function grantEntries(grantId: string, amountMillicredits: bigint): LedgerEntry[] {
  return withoutZeros([
    { account: 'issued', amountMillicredits: -amountMillicredits },
    { account: grantAccount(grantId), amountMillicredits },
  ]);
}

/** A charge: out of the grants that cover it, the rest out of the operator's pocket, into usage. */
export function chargeEntries(charge: CoveredCharge): LedgerEntry[] {
  const total = charge.shares.reduce((sum, share) => sum + share.millicredits, charge.writeoffMillicredits);
  return withoutZeros([
    ...charge.shares.map((share) => ({
      account: grantAccount(share.grantId),
      amountMillicredits: -share.millicredits,
    })),
    { account: 'writeoff', amountMillicredits: -charge.writeoffMillicredits },
    { account: 'usage', amountMillicredits: total },
  ]);
}

function withoutZeros(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.filter((entry) => entry.amountMillicredits !== 0n);
}
