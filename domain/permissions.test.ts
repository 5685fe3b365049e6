import { expect, test } from 'vitest';

import { isPermission, PERMISSIONS, permissionsOf, type Realm, type Role } from './permissions.ts';

const OPERATOR_ONLY = ['tenants.manage', 'pricebook.publish', 'platform.read', 'platform.audit'] as const;
const ROLES: readonly Role[] = ['owner', 'admin', 'agent', 'viewer', 'support'];

function namesOf(realm: Realm, role: Role): string[] {
  return [...permissionsOf({ realm, role })];
}

test('no user of a tenant has a permission of the operator', () => {
  for (const role of ROLES) {
    for (const name of OPERATOR_ONLY) expect(namesOf('tenant', role)).not.toContain(name);
  }
});

test('an owner has every permission of a tenant, the operator’s admin simply every one', () => {
  expect(namesOf('operator', 'admin').toSorted()).toEqual([...PERMISSIONS].toSorted());
  expect(namesOf('tenant', 'owner')).toHaveLength(PERMISSIONS.length - OPERATOR_ONLY.length);
});

test('a role has no permissions in the other realm', () => {
  for (const role of ['owner', 'agent', 'viewer'] as const) expect(namesOf('operator', role)).toEqual([]);
  expect(namesOf('tenant', 'support')).toEqual([]);
});

test('viewers and support read and change nothing', () => {
  const isReading = (name: string) => name.endsWith('.read') || name === 'platform.audit';
  expect(namesOf('tenant', 'viewer').every(isReading)).toBe(true);
  expect(namesOf('operator', 'support').every(isReading)).toBe(true);
});

test('a text is a permission where it is one, letter by letter', () => {
  expect(PERMISSIONS.every(isPermission)).toBe(true);
  expect(['', 'usage', 'usage.read ', 'Usage.Read', '__proto__'].some(isPermission)).toBe(false);
});
