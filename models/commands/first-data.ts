import type { Knex } from 'knex';

import { ABOUT_BOB } from '#domain/about-bob.ts';
import { canonicalJson } from '#domain/canonical-json.ts';
import type { TenantId } from '#domain/ids.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';
import { sha256Hex } from '#platform/digest.ts';

import { publishFirstPricebook } from '../pricebook.ts';
import { insertWidgetKey } from '../widget-key.ts';
import { addSource } from './add-source.ts';
import { createTenant } from './create-tenant.ts';

export interface FirstAccount {
  email: string;
  passwordHash(): Promise<string>;
}

export interface FirstData {
  operator: FirstAccount;
  /** The tenant `demo`, for a machine of one's own only. */
  demo: FirstAccount | null;
  /** 1 for real use; 1,000 where loops and load come from loopback. */
  rateFactor: number;
  at: Date;
}

/** Pricebook, operator and, where asked for, the demo tenant: each made once, so a second start changes nothing. */
export async function createFirstData(knex: Knex, first: FirstData): Promise<void> {
  await publishFirstPricebook(knex, { at: first.at, by: 'first data' });
  if (!(await hasTenant(knex, 'office16852-platform'))) await createOperator(knex, first);
  if (first.demo !== null && !(await hasTenant(knex, 'demo'))) await createDemo(knex, first.demo, first.at);
}

/** Whether the operator's account exists: before that a password is needed, afterwards it is not looked at. */
export async function hasTenant(knex: Knex, businessId: string): Promise<boolean> {
  const { rows } = await knex.raw<{ rows: unknown[] }>(`select 1 from tenant where tenant.business_id = ?`, [
    businessId,
  ]);
  return rows.length > 0;
}

async function createOperator(knex: Knex, { operator, rateFactor, at }: FirstData): Promise<void> {
  const passwordHash = await operator.passwordHash();
  await knex.transaction(async (trx) => {
    const { tenantId } = await createTenant(trx, {
      businessId: 'office16852-platform',
      name: 'Office 16852',
      isOperator: true,
      publicChat: true,
      language: 'en',
      planKey: 'enterprise',
      user: { realm: 'operator', role: 'admin', email: operator.email, name: 'Operator', passwordHash },
      at,
    });
    await addSource(trx, tenantId, { name: 'About Bob', language: 'en', url: null, sections: ABOUT_BOB, at });
    await addOperatorPolicy(trx, tenantId, { rateFactor, at });
  });
}

async function createDemo(knex: Knex, demo: FirstAccount, at: Date): Promise<void> {
  const passwordHash = await demo.passwordHash();
  await knex.transaction(async (trx) => {
    const { tenantId, userId } = await createTenant(trx, {
      businessId: 'demo',
      name: 'Demo',
      isOperator: false,
      publicChat: true,
      language: 'en',
      planKey: 'starter',
      user: { realm: 'tenant', role: 'owner', email: demo.email, name: 'Demo owner', passwordHash },
      at,
    });
    await addSource(trx, tenantId, { name: 'About Bob', language: 'en', url: null, sections: ABOUT_BOB, at });
    await insertWidgetKey(trx, tenantId, { name: 'First key', createdBy: userId, at });
    await addDemoOrigins(trx, tenantId, at);
  });
}

/** Where a newcomer's own test page most likely stands: `python3 -m http.server 8080`. */
export const DEMO_ORIGIN = 'http://localhost:8080';

async function addDemoOrigins(trx: Knex.Transaction, tenantId: TenantId, at: Date): Promise<void> {
  await trx.raw(
    `insert into widget_origin (tenant_id, origin, created_at)
     select :tenantId, listed.origin, :at from unnest(:origins::text[]) as listed (origin)`,
    { tenantId, origins: [DEMO_ORIGIN, 'http://127.0.0.1:8080'], at },
  );
}

/** The widget key that the demo tenant was born with, for the printed command; null where it is gone. */
export async function findDemoWidgetKey(knex: Knex, at: Date): Promise<string | null> {
  const { rows } = await knex.raw<{ rows: { key: string }[] }>(
    `select widget_key.key from tenant join widget_key on widget_key.tenant_id = tenant.id
     where tenant.business_id = 'demo' and (widget_key.ends_at is null or widget_key.ends_at > ?)
     order by widget_key.created_at limit 1`,
    [at],
  );
  return rows[0]?.key ?? null;
}

async function addOperatorPolicy(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { rateFactor, at }: { rateFactor: number; at: Date },
): Promise<void> {
  const policy = firstOperatorPolicy({ rateFactor });
  const document = canonicalJson({ ...policy, rates: { ...policy.rates } });
  await trx.raw(
    `insert into policy_set (tenant_id, layer, version, document, hash, created_at)
     values (?, 'operator', 1, ?, ?, ?)`,
    [tenantId, document, sha256Hex(document), at],
  );
}
