import { canonicalJson } from '../canonical-json.ts';
import type { CanonicalValue } from '../canonical-json.ts';

/** SHA-256 of the UTF-8 text, in hex; made in the platform, so that these rules stay free of any runtime. */
export type Sha256 = (text: string) => string;

export type CanonicalObject = Readonly<Record<string, CanonicalValue>>;

/** What the first transaction of a tenant links to. */
export function ledgerRoot(sha256: Sha256, tenantId: string): string {
  return sha256(`bob.ledger.v1\n${tenantId}`);
}

export function rowHash(sha256: Sha256, line: CanonicalObject): string {
  return sha256(`bob.line.v1\n${canonicalJson(line)}`);
}

/** The row hashes in order as one hash; null for a document without lines. */
export function lineRoot(sha256: Sha256, rowHashes: readonly string[]): string | null {
  return rowHashes.length === 0 ? null : sha256(rowHashes.join(''));
}

export function transactionHash(sha256: Sha256, transaction: CanonicalObject): string {
  return sha256(`bob.tx.v1\n${canonicalJson(transaction)}`);
}
