import type { TenantId } from '#domain/ids.ts';
import type { Language } from '#domain/languages.ts';
import type { Knex } from 'knex';

export interface Tenant {
  tenantId: TenantId;
  businessId: string;
  name: string;
  status: 'active' | 'suspended';
  planKey: string | null;
}

interface TenantRow {
  id: TenantId;
  business_id: string;
  name: string;
  status: 'active' | 'suspended';
  plan_key: string | null;
}

/** The tenant of someone who is signed in: a foreign key says that it is there. */
export async function requireTenant(knex: Knex, tenantId: TenantId): Promise<Tenant> {
  const { rows } = await knex.raw<{ rows: TenantRow[] }>(
    `select t.id, t.business_id, t.name, t.status, s.plan_key
     from tenant t left join subscription s on s.tenant_id = t.id where t.id = ?`,
    [tenantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`no tenant ${tenantId}`);
  const { id, business_id: businessId, name, status, plan_key: planKey } = row;
  return { tenantId: id, businessId, name, status, planKey };
}

/** Whoever counts before adding takes this lock first: two at once would both find the last place free. */
export async function lockTenant(trx: Knex.Transaction, tenantId: TenantId): Promise<void> {
  await trx.raw(`select from tenant where tenant.id = ? for no key update`, [tenantId]);
}

/** What the tenant's people are written to in. */
export async function requireLanguage(knex: Knex, tenantId: TenantId): Promise<Language> {
  const { rows } = await knex.raw<{ rows: { language: Language }[] }>(
    `select tenant.language from tenant where tenant.id = ?`,
    [tenantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`no tenant ${tenantId}`);
  return row.language;
}
