import type { Knex } from 'knex';

import type { GrantMove } from '#domain/credits/cover-charges.ts';
import type { LedgerHead, SealedTransaction } from '#domain/credits/ledger-document.ts';
import { toUuid, type TenantId } from '#domain/ids.ts';

export interface LedgerAppend {
  heads: readonly LedgerHead[];
  transactions: readonly SealedTransaction[];
  /** What falls from `held` and rises in `spent`; the grants' rows are locked last and shortest. */
  moves: readonly (GrantMove & { tenantId: TenantId })[];
}

/** One statement under the heads' locks: transactions, entries, heads, and last the grants. */
export async function appendLedger(trx: Knex.Transaction, append: LedgerAppend): Promise<void> {
  const { rows } = await trx.raw<{ rows: { moved: number }[] }>(APPEND, {
    transactions: JSON.stringify(append.transactions.map(transactionRow)),
    entries: JSON.stringify(append.transactions.flatMap(entryRows)),
    heads: JSON.stringify(append.heads.map(headRow)),
    moves: JSON.stringify(append.moves.map(moveRow)),
  });
  if (rows[0]?.moved !== append.moves.length) throw new Error('a grant of this ledger is missing');
}

function transactionRow(transaction: SealedTransaction) {
  return {
    tenant_id: transaction.tenantId,
    seq: transaction.seq,
    kind: transaction.kind,
    doc_id: transaction.docId,
    period_no: transaction.periodNo,
    reason: transaction.reason,
    pricebook_version: transaction.pricebookVersion,
    amount_mc: String(transaction.amountMillicredits),
    balance_after_mc: String(transaction.balanceAfterMillicredits),
    n_lines: transaction.lineCount,
    line_root: transaction.lineRoot,
    receipt_hash: transaction.receiptHash,
    at: transaction.at,
    sealed_at: transaction.sealedAt,
    hash: transaction.hash,
  };
}

function entryRows(transaction: SealedTransaction) {
  return transaction.entries.map((entry, index) => ({
    tenant_id: transaction.tenantId,
    seq: transaction.seq,
    pos: index + 1,
    account: entry.account,
    amount_mc: String(entry.amountMillicredits),
  }));
}

function headRow(head: LedgerHead) {
  return {
    tenant_id: head.tenantId,
    seq: head.seq,
    hash: head.hash,
    balance_mc: String(head.balanceMillicredits),
    sealed_at: head.sealedAt,
  };
}

function moveRow(move: GrantMove & { tenantId: TenantId }) {
  return {
    tenant_id: move.tenantId,
    grant_id: toUuid(move.grantId),
    unhold: String(move.unholdMillicredits),
    spend: String(move.spendMillicredits),
  };
}

const APPEND = `
  with tx as (
    insert into ledger_tx (tenant_id, seq, kind, doc_id, period_no, reason, pricebook_version, amount_mc,
      balance_after_mc, n_lines, line_root, receipt_hash, at, sealed_at, hash)
    select t.tenant_id, t.seq, t.kind, t.doc_id, t.period_no, t.reason, t.pricebook_version, t.amount_mc,
      t.balance_after_mc, t.n_lines, t.line_root, t.receipt_hash, t.at, t.sealed_at, t.hash
    from jsonb_to_recordset(cast(:transactions as jsonb)) as t (tenant_id uuid, seq bigint, kind text, doc_id text,
      period_no integer, reason text, pricebook_version integer, amount_mc bigint, balance_after_mc bigint,
      n_lines integer, line_root text, receipt_hash text, at timestamptz, sealed_at timestamptz, hash text)
  ), entry as (
    insert into ledger_entry (tenant_id, seq, pos, account, amount_mc)
    select e.tenant_id, e.seq, e.pos, e.account, e.amount_mc
    from jsonb_to_recordset(cast(:entries as jsonb)) as e (tenant_id uuid, seq bigint, pos integer, account text,
      amount_mc bigint)
  ), head as (
    update ledger_head set seq = n.seq, hash = n.hash, balance_mc = n.balance_mc, sealed_at = n.sealed_at
    from jsonb_to_recordset(cast(:heads as jsonb)) as n (tenant_id uuid, seq bigint, hash text, balance_mc bigint,
      sealed_at timestamptz)
    where ledger_head.tenant_id = n.tenant_id
  ), moved as (
    update credit_grant set held_mc = credit_grant.held_mc - m.unhold, spent_mc = credit_grant.spent_mc + m.spend
    from jsonb_to_recordset(cast(:moves as jsonb)) as m (tenant_id uuid, grant_id uuid, unhold bigint, spend bigint)
    where credit_grant.tenant_id = m.tenant_id and credit_grant.id = m.grant_id
    returning credit_grant.id
  )
  select count(*)::integer as moved from moved`;
