import { expect, test } from 'vitest';

import { permissionsOf } from './permissions.ts';
import { coversRole, invitableRoles, isRoleOf, keeperRole } from './team-role.ts';

test('a role belongs to one realm, but for admin', () => {
  expect(isRoleOf('tenant', 'agent')).toBe(true);
  expect(isRoleOf('operator', 'agent')).toBe(false);
  expect(isRoleOf('tenant', 'support')).toBe(false);
  expect([isRoleOf('tenant', 'admin'), isRoleOf('operator', 'admin')]).toEqual([true, true]);
});

test('nobody gives a role that may do more than they', () => {
  const admin = permissionsOf({ realm: 'tenant', role: 'admin' });
  expect(coversRole(admin, { realm: 'tenant', role: 'agent' })).toBe(true);
  expect(coversRole(admin, { realm: 'tenant', role: 'admin' })).toBe(true);
  expect(coversRole(admin, { realm: 'tenant', role: 'owner' })).toBe(false);
  expect(coversRole(new Set(['team.manage']), { realm: 'tenant', role: 'viewer' })).toBe(false);
});

test.each([
  ['tenant', 'owner', ['owner', 'admin', 'agent', 'viewer']],
  ['tenant', 'admin', ['admin', 'agent', 'viewer']],
  ['tenant', 'agent', []],
  ['operator', 'admin', ['admin', 'support']],
  ['operator', 'support', []],
] as const)('at the %s %s invites to %j', (realm, role, roles) => {
  expect(invitableRoles({ realm, role })).toEqual(roles);
});

test('a tenant is never without owner, the operator never without admin', () => {
  expect([keeperRole('tenant'), keeperRole('operator')]).toEqual(['owner', 'admin']);
});
