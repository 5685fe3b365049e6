import type { LoggedIn, Me, SignedUp, TenantView, UserView } from '#contract/auth.ts';
import type { UserId } from '#domain/ids.ts';
import { PERMISSIONS, type Realm, type Role } from '#domain/permissions.ts';
import type { Tenant } from '#models/tenant.ts';
import type { WidgetKey } from '#models/widget-key.ts';

import type { Actor, Caller } from '../state.ts';

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

export function presentSignedUp(
  session: OpenedSession,
  { widgetKey, persona }: { widgetKey: WidgetKey; persona: SignedUp['persona'] },
): SignedUp {
  return { ...presentLoggedIn(session), widget_key: widgetKey.key, persona };
}

export function presentMe({ actor, credential }: Caller, tenant: Tenant): Me {
  return {
    actor: presentActor(actor),
    permissions: PERMISSIONS.filter((name) => actor.permissions.has(name)),
    tenant: presentTenant(tenant),
    ...(credential.kind === 'cookie' ? { csrf_token: credential.csrfToken } : {}),
  };
}

function presentActor(actor: Actor): Me['actor'] {
  const user = presentUser(actor);
  if (actor.apiKeyId === null) return { type: 'user', ...user };
  return { type: 'api_key', id: actor.apiKeyId, name: actor.apiKeyName ?? '', created_by: user };
}

function presentUser({ userId, realm, role, email, name }: PresentableUser): UserView {
  return { id: userId, realm, role, email, name };
}

function presentTenant({ tenantId, businessId, name, status, planKey }: Tenant): TenantView {
  return { id: tenantId, business_id: businessId, name, status, plan: planKey };
}
