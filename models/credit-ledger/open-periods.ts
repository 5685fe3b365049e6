import type { Knex } from 'knex';

import { chainDocuments } from '#domain/credits/chain-documents.ts';
import type { LedgerDocument } from '#domain/credits/ledger-document.ts';
import { grantEntries } from '#domain/credits/ledger-entries.ts';
import { periodAt, periodBounds } from '#domain/credits/period-boundary.ts';
import type { PeriodBounds } from '#domain/credits/period-boundary.ts';
import { toUuid, type TenantId } from '#domain/ids.ts';
import { planOf } from '#domain/pricebook/rates-of.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId } from '#platform/new-id.ts';

import { effectiveVersion, findPricebook } from '../pricebook.ts';
import { appendLedger } from './append-ledger.ts';
import { lockHead } from './ledger-head.ts';

interface Subscription {
  plan_key: string;
  plan_version: number;
  next_plan_key: string | null;
  anchor_at: Date;
  last_no: number | null;
}

const INCLUDED_PRIORITY = 10;

/**
 * Opens every period up to this moment with its included credits. Under the head's lock, so that two openers at one
 * boundary make one grant; the `source_key` proves it.
 */
export async function openPeriods(trx: Knex.Transaction, tenantId: TenantId, at: Date): Promise<void> {
  const head = await lockHead(trx, tenantId);
  const found = await findSubscription(trx, tenantId);
  const firstNo = (found.last_no ?? 0) + 1;
  const lastNo = periodAt(found.anchor_at, at).no;
  if (firstNo > lastNo) return;
  const subscription = await takeNextPlan(trx, tenantId, {
    found,
    at: periodBounds(found.anchor_at, firstNo).startsAt,
  });
  const included = await includedMillicredits(trx, subscription);
  const documents: LedgerDocument[] = [];
  for (let no = firstNo; no <= lastNo; no += 1) {
    const bounds = periodBounds(subscription.anchor_at, no);
    const version = await insertPeriod(trx, { tenantId, subscription, bounds });
    const grantId = await insertIncluded(trx, { tenantId, bounds, included });
    documents.push(grantDocument({ grantId, bounds, version, included }, at));
  }
  const { head: moved, transactions } = chainDocuments(sha256Hex, head, { documents, at });
  await appendLedger(trx, { heads: [moved], transactions, moves: [] });
}

async function findSubscription(trx: Knex.Transaction, tenantId: TenantId): Promise<Subscription> {
  const { rows } = await trx.raw<{ rows: Subscription[] }>(
    `select s.plan_key, s.plan_version, s.next_plan_key, s.anchor_at,
       (select max(p.no) from billing_period p where p.tenant_id = s.tenant_id) as last_no
     from subscription s where s.tenant_id = ?`,
    [tenantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`tenant ${tenantId} has no subscription`);
  return row;
}

/** A chosen plan begins with the first period opened after the choice, as the pricebook of that day has it. */
async function takeNextPlan(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { found, at }: { found: Subscription; at: Date },
): Promise<Subscription> {
  const planKey = found.next_plan_key;
  if (planKey === null) return found;
  const version = await effectiveVersion(trx, at);
  const book = version === null ? null : await findPricebook(trx, version);
  // Taken off sale meanwhile: the tenant keeps what it has, and its periods go on.
  if (version === null || book === null || planOf(book.document, planKey) === null) return found;
  await trx.raw(
    `update subscription set plan_key = :planKey, plan_version = :version, next_plan_key = null
     where subscription.tenant_id = :tenantId`,
    { planKey, version, tenantId },
  );
  return { ...found, plan_key: planKey, plan_version: version, next_plan_key: null };
}

/** Credits of the plan as the tenant bought it: a later pricebook version changes rates, not what is included. */
async function includedMillicredits(trx: Knex.Transaction, subscription: Subscription): Promise<bigint> {
  const book = await findPricebook(trx, subscription.plan_version);
  const plan = book === null ? null : planOf(book.document, subscription.plan_key);
  if (plan === null) {
    throw new Error(`pricebook version ${subscription.plan_version} has no plan ${subscription.plan_key}`);
  }
  return BigInt(plan.included_mc);
}

async function insertPeriod(
  trx: Knex.Transaction,
  { tenantId, subscription, bounds }: { tenantId: TenantId; subscription: Subscription; bounds: PeriodBounds },
): Promise<number> {
  const version = (await effectiveVersion(trx, bounds.startsAt)) ?? subscription.plan_version;
  await trx.raw(
    `insert into billing_period (tenant_id, no, starts_at, ends_at, plan_key, plan_version, pricebook_version)
     values (:tenantId, :no, :startsAt, :endsAt, :planKey, :planVersion, :version)`,
    {
      tenantId,
      ...bounds,
      planKey: subscription.plan_key,
      planVersion: subscription.plan_version,
      version,
    },
  );
  return version;
}

async function insertIncluded(
  trx: Knex.Transaction,
  { tenantId, bounds, included }: { tenantId: TenantId; bounds: PeriodBounds; included: bigint },
): Promise<`grt_${string}`> {
  const grantId = newId('grt');
  await trx.raw(
    `insert into credit_grant (tenant_id, id, kind, priority, effective_at, expires_at, amount_mc, period_no,
       source_key)
     values (:tenantId, :grantId, 'included', :priority, :startsAt, :endsAt, :amount, :no, :sourceKey)`,
    {
      tenantId,
      grantId: toUuid(grantId),
      priority: INCLUDED_PRIORITY,
      ...bounds,
      amount: String(included),
      sourceKey: `included:${bounds.no}`,
    },
  );
  return grantId;
}

function grantDocument(
  grant: { grantId: string; bounds: PeriodBounds; version: number; included: bigint },
  at: Date,
): LedgerDocument {
  return {
    kind: 'grant',
    docId: grant.grantId,
    periodNo: grant.bounds.no,
    reason: 'included',
    pricebookVersion: grant.version,
    amountMillicredits: grant.included,
    lineCount: 0,
    lineRoot: null,
    receiptHash: null,
    at,
    entries: grantEntries(grant.grantId, grant.included),
  };
}
