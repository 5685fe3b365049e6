import type { EventDraft } from '#contract/events.ts';
import { chainDocuments } from '#domain/credits/chain-documents.ts';
import { coverCharges } from '#domain/credits/cover-charges.ts';
import type { CoveredCharge, GrantMove, SpendableGrant } from '#domain/credits/cover-charges.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { LedgerDocument, LedgerHead, SealedTransaction } from '#domain/credits/ledger-document.ts';
import { chargeEntries } from '#domain/credits/ledger-entries.ts';
import type { Sha256 } from '#domain/credits/ledger-hash.ts';
import { isId } from '#domain/ids.ts';

import type { EndedTurn } from './take-ended-turns.ts';

export interface TenantToSeal {
  head: LedgerHead;
  /** In inbox order. */
  turns: readonly EndedTurn[];
  /** Locked; only needed where a turn charges more than it held. */
  grants: readonly SpendableGrant[];
  at: Date;
}

export interface SealedTenant {
  head: LedgerHead;
  transactions: readonly SealedTransaction[];
  moves: readonly GrantMove[];
  events: readonly EventDraft[];
  writeoffMillicredits: bigint;
}

/** What one pass writes for one tenant, computed before anything is written. */
export function sealTenant(sha256: Sha256, { head, turns, grants, at }: TenantToSeal): SealedTenant {
  const coverage = coverCharges(turns, grants);
  const documents = turns.flatMap((turn, index) => {
    const charge = coverage.charges[index];
    // A lapse only moves credits from held back to free: the turn's own document is still to come.
    return turn.kind === 'lapse' || charge === undefined ? [] : [documentOf(turn, turn.kind, charge)];
  });
  const chain = chainDocuments(sha256, head, { documents, at });
  return {
    ...chain,
    moves: coverage.moves,
    events: chain.transactions.flatMap(usageRecorded),
    writeoffMillicredits: coverage.charges.reduce((sum, charge) => sum + charge.writeoffMillicredits, 0n),
  };
}

function documentOf(turn: EndedTurn, kind: 'settle' | 'release', charge: CoveredCharge): LedgerDocument {
  return {
    kind,
    docId: turn.turnId,
    periodNo: turn.periodNo,
    reason: turn.reason,
    pricebookVersion: turn.pricebookVersion,
    amountMillicredits: turn.amountMillicredits,
    lineCount: turn.lineCount,
    lineRoot: turn.lineRoot,
    receiptHash: turn.receiptHash,
    at: turn.at,
    entries: chargeEntries(charge),
  };
}

/** A release charges nothing and tells nothing. */
function usageRecorded(transaction: SealedTransaction): EventDraft[] {
  const { kind, docId, pricebookVersion } = transaction;
  if (kind !== 'settle' || pricebookVersion === null || !isId('trn', docId)) return [];
  const data = {
    ledger_seq: transaction.seq,
    turn_id: docId,
    lines: transaction.lineCount,
    credits: formatCredits(transaction.amountMillicredits),
    pricebook_version: pricebookVersion,
    balance_after: formatCredits(transaction.balanceAfterMillicredits),
  };
  return [{ type: 'usage.recorded', dedupeKey: `usage/${docId}/recorded`, data }];
}
