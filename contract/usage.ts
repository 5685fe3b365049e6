import { z } from 'zod';

import { CreditAmount, LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';

const GrantBalanceView = z
  .object({
    id: prefixedId('grt'),
    kind: z.string(),
    amount: CreditAmount,
    held: CreditAmount,
    spent: CreditAmount,
    expired: CreditAmount,
    remaining: CreditAmount,
    expires_at: Timestamp.nullable(),
  })
  .meta({ id: 'GrantBalance' });

export const BalanceView = z
  .object({
    available: CreditAmount,
    settling: z
      .object({ turns: z.int().min(0), credits: CreditAmount })
      .meta({ description: 'Ended turns on their way into the ledger; every amount here counts them already' }),
    period: z.object({ no: z.int().min(1), starts_at: Timestamp, ends_at: Timestamp }).nullable(),
    grants: z.array(GrantBalanceView),
  })
  .meta({ id: 'Balance' });
export type BalanceView = z.infer<typeof BalanceView>;

export const UsageLinesQuery = z.object({
  ...LIST_QUERY,
  session_id: z.string().min(1).max(200).optional().meta({ description: "The client's id of a conversation, or ours" }),
  turn_id: prefixedId('trn').optional(),
});
export type UsageLinesQuery = z.infer<typeof UsageLinesQuery>;

export const UsageLineView = z
  .object({
    turn_id: prefixedId('trn'),
    pos: z.int().min(1),
    at: Timestamp,
    sku: z.string(),
    pools: z.record(z.string(), z.int()),
    rates: z.record(z.string(), z.int()).meta({ description: 'Microcredits per 1,000 units' }),
    pricebook_version: z.int(),
    formula: z.string(),
    credits: CreditAmount,
    waived: z.string().nullable(),
    estimated: z.boolean(),
    provider_request_id: z.string().nullable(),
    ledger_seq: z.int().nullable().meta({ description: 'Null until the turn is sealed' }),
  })
  .meta({ id: 'UsageLine' });
export type UsageLineView = z.infer<typeof UsageLineView>;

export const UsageLineList = listOf(UsageLineView).meta({ id: 'UsageLineList' });
export type UsageLineList = z.infer<typeof UsageLineList>;

export const LedgerQuery = z.object({
  ...LIST_QUERY,
  after_seq: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;

export const LedgerTransactionView = z
  .object({
    seq: z.int().min(1),
    kind: z.string(),
    doc_id: z.string(),
    reason: z.string().nullable(),
    credits: CreditAmount,
    balance_after: CreditAmount,
    entries: z.array(z.object({ account: z.string(), credits: CreditAmount })),
    receipt_hash: z.string().nullable(),
    hash: z.string(),
    sealed_at: Timestamp,
  })
  .meta({ id: 'LedgerTransaction' });
export type LedgerTransactionView = z.infer<typeof LedgerTransactionView>;

export const LedgerView = listOf(LedgerTransactionView)
  .extend({
    head: z.object({ seq: z.int().min(0), hash: z.string() }),
    unsealed: z.int().min(0).meta({ description: 'Ended turns that are not in the ledger yet' }),
  })
  .meta({ id: 'Ledger' });
export type LedgerView = z.infer<typeof LedgerView>;
