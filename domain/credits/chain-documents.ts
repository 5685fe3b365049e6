import { isGrantAccount, transactionDocument } from './ledger-document.ts';
import type { LedgerDocument, LedgerHead, SealedTransaction } from './ledger-document.ts';
import { transactionHash } from './ledger-hash.ts';
import type { Sha256 } from './ledger-hash.ts';

export interface SealedChain {
  head: LedgerHead;
  transactions: readonly SealedTransaction[];
}

/** Gives each document the next number and a hash over its predecessor's. The clock may step back, the ledger not. */
export function chainDocuments(
  sha256: Sha256,
  head: LedgerHead,
  { documents, at }: { documents: readonly LedgerDocument[]; at: Date },
): SealedChain {
  const sealedAt = at > head.sealedAt ? at : head.sealedAt;
  const transactions: SealedTransaction[] = [];
  let current: LedgerHead = { ...head, sealedAt };
  for (const document of documents) {
    const unhashed = {
      ...document,
      tenantId: head.tenantId,
      seq: current.seq + 1,
      balanceAfterMillicredits: current.balanceMillicredits + balanceChange(document),
      sealedAt,
    };
    const hash = transactionHash(sha256, transactionDocument(unhashed, current.hash));
    transactions.push({ ...unhashed, hash });
    current = { ...current, seq: unhashed.seq, hash, balanceMillicredits: unhashed.balanceAfterMillicredits };
  }
  return { head: current, transactions };
}

function balanceChange(document: LedgerDocument): bigint {
  return document.entries
    .filter((entry) => isGrantAccount(entry.account))
    .reduce((sum, entry) => sum + entry.amountMillicredits, 0n);
}
