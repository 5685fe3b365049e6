import type { Knex } from 'knex';

import type { LedgerHead, LedgerKind, SealedTransaction } from '#domain/credits/ledger-document.ts';
import type { ChainToVerify, StoredLine } from '#domain/credits/verify-chain.ts';
import { toId, type TenantId } from '#domain/ids.ts';
import type { LineKind, WaivedReason } from '#domain/usage.ts';

interface TransactionRow {
  seq: string;
  kind: LedgerKind;
  doc_id: string;
  period_no: number | null;
  reason: string | null;
  pricebook_version: number | null;
  amount_mc: string;
  balance_after_mc: string;
  n_lines: number;
  line_root: string | null;
  receipt_hash: string | null;
  at: Date;
  sealed_at: Date;
  hash: string;
  entries: [string, string][];
}

interface LineRow {
  doc_id: string;
  pos: number;
  turn_id: string;
  session_id: string;
  step: string;
  channel: string;
  source: string;
  persona_version_id: string;
  kind: LineKind;
  waived: WaivedReason | null;
  sku: string;
  provider: string | null;
  model: string | null;
  provider_request_id: string | null;
  pools: Record<string, number>;
  reasoning: string;
  estimated: boolean;
  pricebook_version: number;
  rates: Record<string, number>;
  raw_ucr: string;
  amount_mc: string;
  at: Date;
  row_hash: string;
}

/** A tenant's whole ledger with its lines, as `firstChainFault` recomputes it. Read it in one snapshot. */
export async function readChain(knex: Knex, head: LedgerHead): Promise<ChainToVerify> {
  const { tenantId } = head;
  const transactions = await knex.raw<{ rows: TransactionRow[] }>(TRANSACTIONS, [tenantId]);
  const lines = await knex.raw<{ rows: LineRow[] }>(LINES, [tenantId]);
  const byDocument = Map.groupBy(lines.rows, (row) => row.doc_id);
  return {
    head,
    transactions: transactions.rows.map((row) => readTransaction(tenantId, row)),
    linesOf: (docId) => (byDocument.get(docId) ?? []).map((row) => readLine(tenantId, row)),
  };
}

function readTransaction(tenantId: TenantId, row: TransactionRow): SealedTransaction {
  return {
    tenantId,
    seq: Number(row.seq),
    kind: row.kind,
    docId: row.doc_id,
    periodNo: row.period_no,
    reason: row.reason,
    pricebookVersion: row.pricebook_version,
    amountMillicredits: BigInt(row.amount_mc),
    balanceAfterMillicredits: BigInt(row.balance_after_mc),
    lineCount: row.n_lines,
    lineRoot: row.line_root,
    receiptHash: row.receipt_hash,
    at: row.at,
    sealedAt: row.sealed_at,
    hash: row.hash,
    entries: row.entries.map(([account, amount]) => ({ account, amountMillicredits: BigInt(amount) })),
  };
}

function readLine(tenantId: TenantId, row: LineRow): StoredLine {
  return {
    owner: {
      tenantId,
      docId: row.doc_id,
      turnId: toId('trn', row.turn_id),
      sessionId: toId('ses', row.session_id),
      channel: row.channel,
      source: row.source,
      personaVersionId: toId('pvr', row.persona_version_id),
      pricebookVersion: row.pricebook_version,
      at: row.at,
    },
    line: {
      pos: row.pos,
      kind: row.kind,
      step: row.step,
      sku: row.sku,
      provider: row.provider,
      model: row.model,
      providerRequestId: row.provider_request_id,
      pools: row.pools,
      rates: row.rates,
      reasoningTokens: Number(row.reasoning),
      estimated: row.estimated,
      waived: row.waived,
      rawUcr: BigInt(row.raw_ucr),
      amountMillicredits: BigInt(row.amount_mc),
    },
    rowHash: row.row_hash,
  };
}

const TRANSACTIONS = `
  select t.seq, t.kind, t.doc_id, t.period_no, t.reason, t.pricebook_version, t.amount_mc, t.balance_after_mc,
    t.n_lines, t.line_root, t.receipt_hash, t.at, t.sealed_at, t.hash,
    coalesce((select jsonb_agg(jsonb_build_array(e.account, cast(e.amount_mc as text)) order by e.pos)
      from ledger_entry e where e.tenant_id = t.tenant_id and e.seq = t.seq), '[]') as entries
  from ledger_tx t where t.tenant_id = ? order by t.seq`;

const LINES = `
  select l.doc_id, l.pos, l.turn_id, l.session_id, l.step, l.channel, l.source, l.persona_version_id, l.kind, l.waived,
    l.sku, l.provider, l.model, l.provider_request_id, l.pools, l.reasoning, l.estimated, l.pricebook_version, l.rates,
    l.raw_ucr, l.amount_mc, l.at, l.row_hash
  from usage_line l where l.tenant_id = ? order by l.doc_id, l.pos`;
