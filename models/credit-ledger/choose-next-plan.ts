import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

import { isPlanOnSale } from '../pricebook.ts';
import { openPeriods } from './open-periods.ts';

export type ChosenPlan =
  | { kind: 'chosen'; plan: string; before: string | null; after: string | null }
  | { kind: 'unchanged' }
  | { kind: 'unknown' };

/** The plan of the periods to come. What has begun keeps its plan, so the periods up to now are opened first. */
export async function chooseNextPlan(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { planKey, at }: { planKey: string; at: Date },
): Promise<ChosenPlan> {
  if (!(await isPlanOnSale(trx, { planKey, at }))) return { kind: 'unknown' };
  await openPeriods(trx, tenantId, at);
  const { rows } = await trx.raw<{ rows: { plan_key: string; next_plan_key: string | null }[] }>(
    `select subscription.plan_key, subscription.next_plan_key from subscription
     where subscription.tenant_id = ? for no key update`,
    [tenantId],
  );
  const [current] = rows;
  if (current === undefined) throw new Error(`tenant ${tenantId} has no subscription`);
  const { plan_key: plan, next_plan_key: before } = current;
  const after = planKey === plan ? null : planKey;
  if (after === before) return { kind: 'unchanged' };
  await trx.raw(`update subscription set next_plan_key = ? where subscription.tenant_id = ?`, [after, tenantId]);
  return { kind: 'chosen', plan, before, after };
}
