import type { LoggedIn, Me, TenantView, UserView } from '#contract/auth.ts';
import type { UserId } from '#domain/ids.ts';
import { PERMISSIONS, type Realm, type Role } from '#domain/permissions.ts';
import type { Tenant } from '#models/tenant.ts';

import type { Caller } from '../state.ts';

interface PresentableUser {
  userId: UserId;
  realm: Realm;
  role: Role;
  email: string;
  name: string;
}

export interface OpenedSession {
  token: string;
  csrfToken: string;
  expiresAt: Date;
  user: PresentableUser;
  tenant: Tenant;
}

export function presentLoggedIn({ token, csrfToken, expiresAt, user, tenant }: OpenedSession): LoggedIn {
  return {
    token,
    csrf_token: csrfToken,
    expires_at: expiresAt.toISOString(),
    user: presentUser(user),
    tenant: presentTenant(tenant),
  };
}

export function presentMe({ actor, credential }: Caller, tenant: Tenant): Me {
  return {
    actor: { type: 'user', ...presentUser(actor) },
    permissions: PERMISSIONS.filter((name) => actor.permissions.has(name)),
    tenant: presentTenant(tenant),
    ...(credential.kind === 'cookie' ? { csrf_token: credential.csrfToken } : {}),
  };
}

function presentUser({ userId, realm, role, email, name }: PresentableUser): UserView {
  return { id: userId, realm, role, email, name };
}

function presentTenant({ tenantId, businessId, name, status, planKey }: Tenant): TenantView {
  return { id: tenantId, business_id: businessId, name, status, plan: planKey };
}
