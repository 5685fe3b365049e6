import { prefixed, sha256, taggedHash } from './canonical-text.ts';
import type { Snapshot } from './open-snapshot.ts';

type Row = Record<string, unknown>;

interface Line extends Row {
  tenant_id: string;
  turn_id: string;
  session_id: string;
  persona_version_id: string;
  doc_id: string;
  pos: number;
  reasoning: string;
  raw_ucr: string;
  amount_mc: string;
  at: Date;
  row_hash: string;
}

interface Transaction extends Row {
  tenant_id: string;
  seq: string;
  doc_id: string;
  amount_mc: string;
  balance_after_mc: string;
  n_lines: number;
  line_root: string | null;
  at: Date;
  sealed_at: Date;
  hash: string;
  entries: { pos: number; account: string; amount_mc: number }[];
  row_hashes: string[];
}

const LINES = `
  select l.tenant_id, l.doc_id, l.pos, l.turn_id, l.session_id, l.step, l.channel, l.source, l.persona_version_id,
    l.kind, l.waived, l.sku, l.provider, l.model, l.provider_request_id, l.pools, l.reasoning, l.estimated,
    l.pricebook_version, l.rates, l.raw_ucr, l.amount_mc, l.corrects_doc, l.corrects_pos, l.at, l.row_hash
  from usage_line l`;

/** Every line by itself: what was stored is what was hashed. */
export async function* firstBrokenLines(snapshot: Snapshot): AsyncGenerator<object> {
  for await (const { row_hash: rowHash, ...line } of snapshot.each<Line>(LINES)) {
    const document = {
      ...line,
      turn_id: prefixed('trn', line.turn_id),
      session_id: prefixed('ses', line.session_id),
      persona_version_id: prefixed('pvr', line.persona_version_id),
      reasoning: Number(line.reasoning),
      raw_ucr: Number(line.raw_ucr),
      amount_mc: Number(line.amount_mc),
      at: line.at.toISOString(),
    };
    if (taggedHash('bob.line.v1', document) !== rowHash) {
      yield { tenant_id: line.tenant_id, doc_id: line.doc_id, pos: line.pos };
    }
  }
}

const TRANSACTIONS = `
  select x.tenant_id, x.seq, x.kind, x.doc_id, x.period_no, x.reason, x.pricebook_version, x.amount_mc,
    x.balance_after_mc, x.n_lines, x.line_root, x.receipt_hash, x.at, x.sealed_at, x.hash,
    coalesce((select jsonb_agg(jsonb_build_object('pos', e.pos, 'account', e.account, 'amount_mc', e.amount_mc)
      order by e.pos) from ledger_entry e where e.tenant_id = x.tenant_id and e.seq = x.seq), '[]') as entries,
    array(select l.row_hash from usage_line l where l.tenant_id = x.tenant_id and l.doc_id = x.doc_id
      and x.kind in ('settle', 'release', 'refund') order by l.pos) as row_hashes
  from ledger_tx x order by x.tenant_id, x.seq`;

interface Link {
  tenantId: string;
  seq: number;
  hash: string;
  balance: bigint;
}

/** Each tenant's chain from the link that binds it to the tenant. */
export async function* firstBrokenTransactions(snapshot: Snapshot): AsyncGenerator<object> {
  let before: Link | null = null;
  for await (const transaction of snapshot.each<Transaction>(TRANSACTIONS)) {
    const { tenant_id: tenantId } = transaction;
    const link: Link = before?.tenantId === tenantId ? before : rootOf(tenantId);
    const balance = link.balance + balanceChange(transaction);
    const what = faultOf(transaction, { ...link, balance });
    if (what !== null) yield { tenant_id: tenantId, seq: transaction.seq, doc_id: transaction.doc_id, what };
    before = { tenantId, seq: Number(transaction.seq), hash: transaction.hash, balance };
  }
}

function rootOf(tenantId: string): Link {
  return { tenantId, seq: 0, hash: sha256(`bob.ledger.v1\n${tenantId}`), balance: 0n };
}

function balanceChange({ entries }: Transaction): bigint {
  return entries
    .filter(({ account }) => account.startsWith('grant:'))
    .reduce((sum, entry) => sum + BigInt(entry.amount_mc), 0n);
}

function faultOf(transaction: Transaction, { seq, hash: prevHash, balance }: Link): string | null {
  const { hash, row_hashes: rowHashes, ...columns } = transaction;
  if (Number(transaction.seq) !== seq + 1) return 'a number is missing before it';
  if (BigInt(transaction.balance_after_mc) !== balance) return `balance_after_mc, expected ${balance}`;
  const root = rowHashes.length === 0 ? null : sha256(rowHashes.join(''));
  if (root !== transaction.line_root || rowHashes.length !== transaction.n_lines) return 'line_root';
  const document = {
    ...columns,
    seq: Number(columns.seq),
    prev_hash: prevHash,
    amount_mc: Number(columns.amount_mc),
    balance_after_mc: Number(columns.balance_after_mc),
    at: columns.at.toISOString(),
    sealed_at: columns.sealed_at.toISOString(),
  };
  return taggedHash('bob.tx.v1', document) === hash ? null : 'hash';
}
