import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor, type AuditedChange } from '../audit.ts';
import { chooseNextPlan } from '../credit-ledger/choose-next-plan.ts';

export interface WantedTerms {
  status?: 'active' | 'suspended' | undefined;
  planKey?: string | undefined;
  reason: string | null;
  actor: AuditActor;
  at: Date;
}

export type ChangedTerms = { kind: 'changed' } | { kind: 'missing' } | { kind: 'operator' } | { kind: 'plan-unknown' };

interface TermsRow {
  status: 'active' | 'suspended';
  is_operator: boolean;
}

type Change = Pick<AuditedChange, 'action' | 'before' | 'after'>;

/** What the operator decides for a tenant. Turns that run end as they would have; the next ones see the new status. */
export async function changeTenantTerms(knex: Knex, tenantId: TenantId, wanted: WantedTerms): Promise<ChangedTerms> {
  return knex.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: TermsRow[] }>(
      `select tenant.status, tenant.is_operator from tenant where tenant.id = ? for no key update`,
      [tenantId],
    );
    const [current] = rows;
    if (current === undefined) return { kind: 'missing' };
    // Who suspends the operator could not lift it any more.
    if (current.is_operator && wanted.status === 'suspended') return { kind: 'operator' };
    const plan = await changePlan(trx, tenantId, wanted);
    if (plan === 'unknown') return { kind: 'plan-unknown' };
    const changes = [...plan, ...(await changeStatus(trx, tenantId, { from: current.status, to: wanted.status }))];
    for (const change of changes) await recordAudit(trx, tenantId, auditOf(tenantId, wanted, change));
    return { kind: 'changed' };
  });
}

async function changePlan(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { planKey, at }: WantedTerms,
): Promise<Change[] | 'unknown'> {
  if (planKey === undefined) return [];
  const chosen = await chooseNextPlan(trx, tenantId, { planKey, at });
  switch (chosen.kind) {
    case 'unknown':
      return 'unknown';
    case 'unchanged':
      return [];
    case 'chosen': {
      const { plan, before, after } = chosen;
      return [
        {
          action: 'tenant.plan_changed',
          before: { plan, next_plan: before },
          after: { plan, next_plan: after },
        },
      ];
    }
  }
}

async function changeStatus(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { from, to }: { from: 'active' | 'suspended'; to: 'active' | 'suspended' | undefined },
): Promise<Change[]> {
  if (to === undefined || to === from) return [];
  await trx.raw(`update tenant set status = ? where tenant.id = ?`, [to, tenantId]);
  return [{ action: 'tenant.status_changed', before: { status: from }, after: { status: to } }];
}

function auditOf(tenantId: TenantId, { actor, reason, at }: WantedTerms, change: Change): AuditedChange {
  return { ...change, actor, objectType: 'tenant', objectId: tenantId, reason, at };
}
