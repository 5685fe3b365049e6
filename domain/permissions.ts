const TENANT_PERMISSIONS = [
  'chat.manage',
  'sessions.read',
  'sessions.supervise',
  'persona.edit',
  'persona.publish',
  'persona.publish_override',
  'knowledge.manage',
  'widget.manage',
  'webhooks.read',
  'webhooks.manage',
  'usage.read',
  'billing.manage',
  'team.manage',
  'keys.manage',
  'audit.read',
  'settings.manage',
] as const;

const OPERATOR_PERMISSIONS = ['tenants.manage', 'pricebook.publish', 'platform.read', 'platform.audit'] as const;

/** What a route may ask for. Routes name a permission, never a role. */
export const PERMISSIONS = [...TENANT_PERMISSIONS, ...OPERATOR_PERMISSIONS] as const;
export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((name) => name === text);
}

export type Realm = 'operator' | 'tenant';
export type Role = 'owner' | 'admin' | 'agent' | 'viewer' | 'support';

/** Who may sign in where; a role of the other realm has no permissions at all. */
const PERMISSIONS_OF: Record<Realm, Partial<Record<Role, readonly Permission[]>>> = {
  tenant: {
    owner: TENANT_PERMISSIONS,
    // The money and the override of a red test run stay with the owner.
    admin: TENANT_PERMISSIONS.filter((name) => name !== 'billing.manage' && name !== 'persona.publish_override'),
    agent: ['chat.manage', 'sessions.read', 'sessions.supervise'],
    viewer: ['sessions.read', 'usage.read', 'audit.read', 'webhooks.read'],
  },
  operator: {
    admin: PERMISSIONS,
    // Staff that helps without changing anything.
    support: ['sessions.read', 'usage.read', 'audit.read', 'webhooks.read', 'platform.read', 'platform.audit'],
  },
};

export function permissionsOf({ realm, role }: { realm: Realm; role: Role }): ReadonlySet<Permission> {
  return new Set(PERMISSIONS_OF[realm][role] ?? []);
}
