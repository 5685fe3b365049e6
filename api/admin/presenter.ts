import type { PlatformTenantView } from '#contract/admin.ts';
import type { PlatformTenant } from '#models/read/tenant-list.ts';

export function presentPlatformTenant(tenant: PlatformTenant): PlatformTenantView {
  return {
    id: tenant.tenantId,
    business_id: tenant.businessId,
    name: tenant.name,
    is_operator: tenant.isOperator,
    status: tenant.status,
    plan: tenant.planKey,
    next_plan: tenant.nextPlanKey,
    counts: { users: tenant.users, api_keys: tenant.apiKeys, sessions: tenant.sessions },
    created_at: tenant.createdAt.toISOString(),
  };
}
