import type { Knex } from 'knex';

import { ledgerRoot } from '#domain/credits/ledger-hash.ts';
import type { TenantId } from '#domain/ids.ts';
import { sha256Hex } from '#platform/digest.ts';

import { effectiveVersion } from '../pricebook.ts';
import { openPeriods } from './open-periods.ts';

export interface NewAccount {
  tenantId: TenantId;
  planKey: string;
  at: Date;
}

/** Subscription, ledger, first period and its credits, in the transaction that makes the tenant. */
export async function openAccount(trx: Knex.Transaction, { tenantId, planKey, at }: NewAccount): Promise<void> {
  const planVersion = await effectiveVersion(trx, at);
  if (planVersion === null) throw new Error('no pricebook is published');
  await trx.raw(
    `with subscribed as (
       insert into subscription (tenant_id, plan_key, plan_version, anchor_at)
       values (:tenantId, :planKey, :planVersion, :at) returning tenant_id
     )
     insert into ledger_head (tenant_id, seq, hash, balance_mc, sealed_at)
     select s.tenant_id, 0, :root, 0, :at from subscribed s`,
    { tenantId, planKey, planVersion, at, root: ledgerRoot(sha256Hex, tenantId) },
  );
  await openPeriods(trx, tenantId, at);
}
