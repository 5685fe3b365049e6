import type { Knex } from 'knex';

import { chainDocuments } from '#domain/credits/chain-documents.ts';
import { grantEntries } from '#domain/credits/ledger-entries.ts';
import { toUuid, type TenantId } from '#domain/ids.ts';
import type { ClosingTurn, HoldRequest, ModelCall, TurnUsage } from '#domain/usage.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId, newTenantId } from '#platform/new-id.ts';

import { publishFirstPricebook } from '../pricebook.ts';
import { appendLedger } from './append-ledger.ts';
import { lockHead } from './ledger-head.ts';
import { openAccount } from './open-account.ts';

export const AT = new Date('2026-03-10T12:00:00.000Z');
export const STARTER_MILLICREDITS = 15_000_000n;

/** A tenant on the Starter plan, with its first period open. */
export async function buildAccount(knex: Knex, { at = AT, planKey = 'starter' } = {}): Promise<TenantId> {
  const tenantId = newTenantId();
  await publishFirstPricebook(knex, { at: AT, by: 'test' });
  await knex.transaction(async (trx) => {
    await trx.raw(`insert into tenant (id, business_id, name, created_at) values (?, ?, 'Test', ?)`, [
      tenantId,
      `business-${tenantId}`,
      at,
    ]);
    await openAccount(trx, { tenantId, planKey, at });
  });
  return tenantId;
}

/** Another grant beside the included one, on the books like any. */
export async function addGrant(
  knex: Knex,
  grant: { tenantId: TenantId; amount: bigint; priority: number; expiresAt?: Date },
): Promise<string> {
  const grantId = newId('grt');
  await knex.transaction(async (trx) => {
    const head = await lockHead(trx, grant.tenantId);
    await trx.raw(
      `insert into credit_grant (tenant_id, id, kind, priority, effective_at, expires_at, amount_mc, source_key)
       values (:tenantId, :id, 'topup', :priority, :at, :expiresAt, :amount, :sourceKey)`,
      {
        tenantId: grant.tenantId,
        id: toUuid(grantId),
        priority: grant.priority,
        at: AT,
        expiresAt: grant.expiresAt ?? null,
        amount: String(grant.amount),
        sourceKey: `topup:${grantId}`,
      },
    );
    const document = {
      kind: 'grant' as const,
      docId: grantId,
      periodNo: null,
      reason: 'topup',
      pricebookVersion: null,
      amountMillicredits: grant.amount,
      lineCount: 0,
      lineRoot: null,
      receiptHash: null,
      at: AT,
      entries: grantEntries(grantId, grant.amount),
    };
    const chain = chainDocuments(sha256Hex, head, { documents: [document], at: AT });
    await appendLedger(trx, { heads: [chain.head], transactions: chain.transactions, moves: [] });
  });
  return grantId;
}

export function buildHold(tenantId: TenantId, change: Partial<HoldRequest> = {}): HoldRequest {
  return {
    tenantId,
    turnId: newId('trn'),
    requestHash: 'a-hash',
    pricebookVersion: 1,
    wantMillicredits: 1_000n,
    minMillicredits: 500n,
    at: AT,
    ttlMs: 180_000,
    ...change,
  };
}

export function buildClosing(hold: HoldRequest, change: Partial<ClosingTurn> = {}): ClosingTurn {
  return {
    tenantId: hold.tenantId,
    turnId: hold.turnId,
    sessionId: newId('ses'),
    channel: 'public',
    source: 'chat',
    personaVersionId: newId('pvr'),
    pricebookVersion: 1,
    requestHash: hold.requestHash,
    at: new Date(hold.at.getTime() + 1_000),
    ...change,
  };
}

/** Usage that costs exactly this much: output of gpt-5-mini is 2 mc a token. */
export function usageOf(millicredits: number, change: Partial<ModelCall> = {}): TurnUsage {
  const call: ModelCall = {
    step: 'answer',
    attempt: 1,
    sku: 'model:openai/gpt-5-mini',
    provider: 'openai',
    model: 'gpt-5-mini',
    providerRequestId: 'chatcmpl-1',
    pools: { input: 0, cachedInput: 0, cacheWrite: 0, output: millicredits / 2 },
    reasoningTokens: 0,
    estimated: false,
    waived: null,
    ...change,
  };
  return { calls: [call], textDelivered: true };
}

export async function grantsOf(knex: Knex, tenantId: TenantId) {
  const { rows } = await knex.raw<{ rows: { amount: string; held: string; spent: string }[] }>(
    `select g.amount_mc as amount, g.held_mc as held, g.spent_mc as spent from credit_grant g
     where g.tenant_id = ? order by g.priority, g.id`,
    [tenantId],
  );
  return rows.map((row) => ({ amount: BigInt(row.amount), held: BigInt(row.held), spent: BigInt(row.spent) }));
}
