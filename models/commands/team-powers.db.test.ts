import { afterAll, beforeAll, expect, test } from 'vitest';

import { permissionsOf } from '#domain/permissions.ts';
import { newUuid } from '#platform/new-id.ts';

import { insertTenantUser, type TenantUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import type { TeamActor } from '../member.ts';
import { changeMember } from './change-member.ts';
import { inviteMember } from './invite-member.ts';
import { removeMember } from './remove-member.ts';
import { revokeInvite } from './revoke-invite.ts';

const at = new Date('2026-03-01T12:00:00Z');

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** Somebody whose request was let in as this role, and who has waited for the team's lock since. */
function asAdmin({ userId }: TenantUser): TeamActor {
  return { userId, apiKeyId: null, realm: 'tenant', permissions: permissionsOf({ realm: 'tenant', role: 'admin' }) };
}

function inviteOf({ userId }: TenantUser) {
  const email = `${newUuid()}@example.com`;
  return { email, role: 'agent', name: null, tokenHash: newUuid(), invitedBy: userId, at, expiresAt: at } as const;
}

test.each(['removed', 'made an agent'] as const)('whoever was %s meanwhile changes nothing more', async (how) => {
  const { knex } = database;
  const owner = await insertTenantUser(knex);
  const { tenantId } = owner;
  const [late, colleague] = [
    await insertTenantUser(knex, { role: 'admin', of: tenantId }),
    await insertTenantUser(knex, { role: 'agent', of: tenantId }),
  ];
  const boss = { ...asAdmin(owner), permissions: permissionsOf({ realm: 'tenant', role: 'owner' }) };
  const invited = await inviteMember(knex, tenantId, { ...inviteOf(owner), actor: boss });
  if (invited.state !== 'invited') throw new Error(invited.state);
  const act = { id: late.userId, actor: boss, at };
  if (how === 'removed') await removeMember(knex, tenantId, act);
  else await changeMember(knex, tenantId, { ...act, role: 'agent' });

  const actor = asAdmin(late);
  const above = { state: 'above-you' };
  expect(await inviteMember(knex, tenantId, { ...inviteOf(late), actor })).toEqual(above);
  expect(await revokeInvite(knex, tenantId, { id: invited.invite.id, actor, at })).toBe('above-you');
  expect(await changeMember(knex, tenantId, { id: colleague.userId, role: 'viewer', actor, at })).toEqual(above);
  expect(await removeMember(knex, tenantId, { id: colleague.userId, actor, at })).toEqual(above);
});
