import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TenantId } from '#domain/ids.ts';
import { newTenantId } from '#platform/new-id.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { AT, buildAccount } from './account.fixture.ts';
import { chooseNextPlan, type ChosenPlan } from './choose-next-plan.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { openPeriods } from './open-periods.ts';

const NEXT_PERIOD = new Date('2026-04-10T12:00:00.000Z');

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

function choose(tenantId: TenantId, planKey: string): Promise<ChosenPlan> {
  return database.knex.transaction((trx) => chooseNextPlan(trx, tenantId, { planKey, at: AT }));
}

async function plansOf(tenantId: TenantId): Promise<string[]> {
  return database.knex('billing_period').where({ tenant_id: tenantId }).orderBy('no').pluck<string[]>('plan_key');
}

test('the chosen plan begins with the next period, and its own plan chosen again takes the choice back', async () => {
  const tenantId = await buildAccount(database.knex);
  expect(await choose(tenantId, 'starter')).toEqual({ kind: 'unchanged' });
  expect(await choose(tenantId, 'pro')).toEqual({ kind: 'chosen', plan: 'starter', before: null, after: 'pro' });
  expect(await choose(tenantId, 'starter')).toEqual({ kind: 'chosen', plan: 'starter', before: 'pro', after: null });
  await choose(tenantId, 'pro');
  await database.knex.transaction((trx) => openPeriods(trx, tenantId, NEXT_PERIOD));
  expect(await plansOf(tenantId)).toEqual(['starter', 'pro']);
  expect(await auditBooks(database.knex)).toEqual([]);
});

test('a plan nobody sells is refused', async () => {
  expect(await choose(await buildAccount(database.knex), 'golden')).toEqual({ kind: 'unknown' });
});

test('a chosen plan that is off sale when its period begins leaves the tenant with what it has', async () => {
  const tenantId = await buildAccount(database.knex);
  await database.knex('subscription').where({ tenant_id: tenantId }).update({ next_plan_key: 'golden' });
  await database.knex.transaction((trx) => openPeriods(trx, tenantId, NEXT_PERIOD));
  expect(await plansOf(tenantId)).toEqual(['starter', 'starter']);
});

test('without a subscription there is nothing to choose for', async () => {
  await expect(choose(newTenantId(), 'pro')).rejects.toThrow();
});
