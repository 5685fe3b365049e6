import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

export interface TenantListFilter {
  q: string | null;
  status: 'active' | 'suspended' | null;
  planKey: string | null;
  /** The last one of the page before. */
  before: TenantId | null;
  limit: number;
}

export interface PlatformTenant {
  tenantId: TenantId;
  businessId: string;
  name: string;
  isOperator: boolean;
  status: 'active' | 'suspended';
  planKey: string | null;
  nextPlanKey: string | null;
  users: number;
  apiKeys: number;
  sessions: number;
  createdAt: Date;
}

interface TenantRow {
  id: TenantId;
  business_id: string;
  name: string;
  is_operator: boolean;
  status: 'active' | 'suspended';
  plan_key: string | null;
  next_plan_key: string | null;
  users: number;
  api_keys: number;
  sessions: number;
  created_at: Date;
}

/** For the operator: every tenant, newest first. */
export async function listTenants(knex: Knex, filter: TenantListFilter): Promise<PlatformTenant[]> {
  const { q, status, planKey, before, limit } = filter;
  const conditions = [
    ...(before === null ? [] : ['tenant.id < :before']),
    ...(status === null ? [] : ['tenant.status = :status']),
    ...(planKey === null ? [] : ['subscription.plan_key = :planKey']),
    ...(q === null ? [] : [MATCHES]),
  ];
  return select(knex, {
    where: conditions.length === 0 ? 'true' : conditions.join(' and '),
    bindings: {
      limit,
      ...(before === null ? {} : { before }),
      ...(status === null ? {} : { status }),
      ...(planKey === null ? {} : { planKey }),
      ...(q === null ? {} : { q: q.toLowerCase() }),
    },
  });
}

export async function findPlatformTenant(knex: Knex, tenantId: TenantId): Promise<PlatformTenant | null> {
  const found = await select(knex, { where: 'tenant.id = :tenantId', bindings: { tenantId, limit: 1 } });
  return found[0] ?? null;
}

// No pattern: a per cent sign in a name is one.
const MATCHES = `(position(:q in lower(tenant.name)) > 0 or position(:q in tenant.business_id) > 0
  or tenant.id::text = :q or tenant.id in (select app_user.tenant_id from app_user
    where app_user.realm in ('operator', 'tenant') and app_user.email = :q and app_user.disabled_at is null))`;

const SESSIONS_COUNTED_MAX = 10_000;

async function select(
  knex: Knex,
  { where, bindings }: { where: string; bindings: Record<string, Knex.Value> },
): Promise<PlatformTenant[]> {
  // The page first: only its tenants are counted.
  const { rows } = await knex.raw<{ rows: TenantRow[] }>(
    `with page as (
       select tenant.id, tenant.business_id, tenant.name, tenant.is_operator, tenant.status, tenant.created_at,
         subscription.plan_key, subscription.next_plan_key
       from tenant left join subscription on subscription.tenant_id = tenant.id
       where ${where} order by tenant.id desc limit :limit
     )
     select page.id, page.business_id, page.name, page.is_operator, page.status, page.created_at, page.plan_key,
       page.next_plan_key,
       (select count(*)::integer from app_user where app_user.tenant_id = page.id
         and app_user.disabled_at is null) as users,
       (select count(*)::integer from api_key where api_key.tenant_id = page.id
         and api_key.revoked_at is null) as api_keys,
       (select count(*)::integer from (select from chat_session where chat_session.tenant_id = page.id
         limit ${SESSIONS_COUNTED_MAX}) as counted) as sessions
     from page order by page.id desc`,
    bindings,
  );
  return rows.map(readTenant);
}

function readTenant(row: TenantRow): PlatformTenant {
  return {
    tenantId: row.id,
    businessId: row.business_id,
    name: row.name,
    isOperator: row.is_operator,
    status: row.status,
    planKey: row.plan_key,
    nextPlanKey: row.next_plan_key,
    users: row.users,
    apiKeys: row.api_keys,
    sessions: row.sessions,
    createdAt: row.created_at,
  };
}
