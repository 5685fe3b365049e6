import { permissionsOf, type Permission, type Realm, type Role } from './permissions.ts';

const ROLES: readonly Role[] = ['owner', 'admin', 'agent', 'viewer', 'support'];

interface RealmRole {
  realm: Realm;
  role: Role;
}

/** Roles belong to a realm: `support` is nobody at a tenant, `agent` nobody at the operator. */
export function isRoleOf(realm: Realm, role: Role): boolean {
  return permissionsOf({ realm, role }).size > 0;
}

/** Whether somebody with these permissions may give, change or take this role: nobody acts above themselves. */
export function coversRole(permissions: ReadonlySet<Permission>, role: RealmRole): boolean {
  return [...permissionsOf(role)].every((permission) => permissions.has(permission));
}

/** The roles that somebody with this one may invite to: none above it, and none at all without the right to invite. */
export function invitableRoles({ realm, role }: RealmRole): Role[] {
  const permissions = permissionsOf({ realm, role });
  if (!permissions.has('team.manage')) return [];
  return ROLES.filter((wanted) => isRoleOf(realm, wanted) && coversRole(permissions, { realm, role: wanted }));
}

/** The role a team is never without: somebody must be able to let others in. */
export function keeperRole(realm: Realm): Role {
  return realm === 'operator' ? 'admin' : 'owner';
}
