import { lineDocument, transactionDocument } from './ledger-document.ts';
import type { LedgerHead, LineOwner, SealedTransaction } from './ledger-document.ts';
import { ledgerRoot, lineRoot, rowHash, transactionHash } from './ledger-hash.ts';
import type { Sha256 } from './ledger-hash.ts';
import type { ChargeLine } from '../usage.ts';
import { isGrantAccount } from './ledger-document.ts';

export interface StoredLine {
  owner: LineOwner;
  line: ChargeLine;
  rowHash: string;
}

export interface ChainFault {
  seq: number;
  what: 'seq' | 'balance' | 'entries' | 'line_hash' | 'line_root' | 'hash' | 'head';
}

export interface ChainToVerify {
  head: LedgerHead;
  transactions: readonly SealedTransaction[];
  /** The lines of each document, in `pos` order. */
  linesOf: (docId: string) => readonly StoredLine[];
}

/** Recomputes a tenant's whole ledger from its first link; null when every number and every hash holds. */
export function firstChainFault(sha256: Sha256, chain: ChainToVerify): ChainFault | null {
  let prevHash = ledgerRoot(sha256, chain.head.tenantId);
  let balance = 0n;
  for (const [index, transaction] of chain.transactions.entries()) {
    const { seq } = transaction;
    if (seq !== index + 1) return { seq, what: 'seq' };
    balance += sumOf(transaction, isGrantAccount);
    if (transaction.balanceAfterMillicredits !== balance) return { seq, what: 'balance' };
    if (sumOf(transaction, () => true) !== 0n) return { seq, what: 'entries' };
    const fault = lineFault(sha256, transaction, chain.linesOf(transaction.docId));
    if (fault !== null) return { seq, what: fault };
    if (transactionHash(sha256, transactionDocument(transaction, prevHash)) !== transaction.hash) {
      return { seq, what: 'hash' };
    }
    prevHash = transaction.hash;
  }
  const { head } = chain;
  const sound =
    head.seq === chain.transactions.length && head.hash === prevHash && head.balanceMillicredits === balance;
  return sound ? null : { seq: head.seq, what: 'head' };
}

function lineFault(
  sha256: Sha256,
  transaction: SealedTransaction,
  lines: readonly StoredLine[],
): 'line_hash' | 'line_root' | null {
  if (lines.some(({ owner, line, rowHash: stored }) => rowHash(sha256, lineDocument(owner, line)) !== stored)) {
    return 'line_hash';
  }
  const root = lineRoot(
    sha256,
    lines.map((line) => line.rowHash),
  );
  return root === transaction.lineRoot && lines.length === transaction.lineCount ? null : 'line_root';
}

function sumOf(transaction: SealedTransaction, counts: (account: string) => boolean): bigint {
  return transaction.entries
    .filter((entry) => counts(entry.account))
    .reduce((sum, entry) => sum + entry.amountMillicredits, 0n);
}
