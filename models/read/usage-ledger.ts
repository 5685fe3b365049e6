import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

export interface LedgerRow {
  seq: number;
  kind: string;
  docId: string;
  reason: string | null;
  amountMillicredits: bigint;
  balanceAfterMillicredits: bigint;
  entries: readonly { account: string; amountMillicredits: bigint }[];
  receiptHash: string | null;
  hash: string;
  sealedAt: Date;
}

export interface LedgerPage {
  rows: readonly LedgerRow[];
  head: { seq: number; hash: string };
  /** Ended turns that wait for their seal. */
  unsealed: number;
}

interface TransactionJson {
  seq: number;
  kind: string;
  doc_id: string;
  reason: string | null;
  amount: string;
  balance_after: string;
  entries: [string, string][];
  receipt_hash: string | null;
  hash: string;
  sealed_at: string;
}

interface PageRow {
  seq: string;
  hash: string;
  unsealed: number;
  transactions: TransactionJson[];
}

/** A stretch of the chain with its head, from one snapshot; null for a tenant without an account. */
export async function readLedger(
  knex: Knex,
  tenantId: TenantId,
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<LedgerPage | null> {
  const { rows } = await knex.raw<{ rows: PageRow[] }>(LEDGER, { tenantId, afterSeq, limit });
  const [page] = rows;
  if (page === undefined) return null;
  return {
    rows: page.transactions.map(readTransaction),
    head: { seq: Number(page.seq), hash: page.hash },
    unsealed: page.unsealed,
  };
}

function readTransaction(transaction: TransactionJson): LedgerRow {
  return {
    seq: transaction.seq,
    kind: transaction.kind,
    docId: transaction.doc_id,
    reason: transaction.reason,
    amountMillicredits: BigInt(transaction.amount),
    balanceAfterMillicredits: BigInt(transaction.balance_after),
    entries: transaction.entries.map(([account, amount]) => ({ account, amountMillicredits: BigInt(amount) })),
    receiptHash: transaction.receipt_hash,
    hash: transaction.hash,
    sealedAt: new Date(transaction.sealed_at),
  };
}

const LEDGER = `
  select h.seq, h.hash,
    (select cast(count(*) as integer) from ledger_inbox i
      where i.tenant_id = h.tenant_id and i.kind <> 'lapse') as unsealed,
    coalesce((
      select jsonb_agg(jsonb_build_object('seq', t.seq, 'kind', t.kind, 'doc_id', t.doc_id, 'reason', t.reason,
        'amount', cast(t.amount_mc as text), 'balance_after', cast(t.balance_after_mc as text),
        'receipt_hash', t.receipt_hash, 'hash', t.hash, 'sealed_at', t.sealed_at,
        'entries', coalesce((select jsonb_agg(jsonb_build_array(e.account, cast(e.amount_mc as text)) order by e.pos)
          from ledger_entry e where e.tenant_id = t.tenant_id and e.seq = t.seq), '[]')) order by t.seq)
      from (
        select x.tenant_id, x.seq, x.kind, x.doc_id, x.reason, x.amount_mc, x.balance_after_mc, x.receipt_hash, x.hash,
          x.sealed_at
        from ledger_tx x where x.tenant_id = h.tenant_id and x.seq > :afterSeq order by x.seq limit :limit
      ) t
    ), '[]') as transactions
  from ledger_head h where h.tenant_id = :tenantId`;
