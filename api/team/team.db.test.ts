import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Team } from '#contract/team.ts';
import { toUuid } from '#domain/ids.ts';
import { newUuid } from '#platform/new-id.ts';

import { sendJson } from '../../test/fixtures/send-json.ts';
import { openTeamScene, type Person, type TeamScene } from '../../test/fixtures/team-scene.ts';
import { TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';

const TEAM = '/api/team';

let scene: TeamScene;
beforeAll(async () => {
  scene = await openTeamScene();
});
afterAll(() => scene.close());

describe('who may what', () => {
  test('nobody gives a role that may do more than they, or that their realm does not have', async () => {
    const owner = await scene.person();
    const admin = await scene.person({ role: 'admin', of: owner });
    const agent = await scene.person({ role: 'agent', of: owner });
    expect((await scene.invite(admin, { role: 'owner' })).slug).toBe('forbidden');
    expect((await admin.ask('PATCH', `${TEAM}/${agent.userId}`, { role: 'owner' })).slug).toBe('forbidden');
    expect((await admin.ask('PATCH', `${TEAM}/${owner.userId}`, { role: 'agent' })).slug).toBe('forbidden');
    expect((await admin.ask('DELETE', `${TEAM}/${owner.userId}`)).slug).toBe('forbidden');
    expect((await agent.ask('GET', TEAM)).slug).toBe('forbidden');
    expect(await scene.invite(owner, { role: 'support' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/role' }] },
    });
    expect((await owner.ask('PATCH', `${TEAM}/${agent.userId}`, { role: 'support' })).slug).toBe('invalid-body');
  });

  test('another tenant’s people are a 404, and stay as they are', async () => {
    const [owner, stranger] = [await scene.person(), await scene.person()];
    const theirs = await scene.person({ role: 'agent', of: stranger });
    expect((await owner.ask('PATCH', `${TEAM}/${theirs.userId}`, { role: 'viewer' })).slug).toBe('not-found');
    expect((await owner.ask('DELETE', `${TEAM}/${theirs.userId}`)).slug).toBe('not-found');
    expect((await scene.teamOf(stranger)).data).toMatchObject([{}, { id: theirs.userId, role: 'agent' }]);
  });

  test('a changed role counts from the next request on, and name and role are audited', async () => {
    const owner = await scene.person();
    const agent = await scene.person({ role: 'agent', of: owner });
    const change = { role: 'admin', name: 'Ada Lovelace' };
    const answer = await owner.ask('PATCH', `${TEAM}/${agent.userId}`, change);
    expect(answer).toMatchObject({ status: 200, body: { id: agent.userId, ...change } });
    expect((await agent.ask('GET', TEAM)).status).toBe(200);
    const [audited] = await scene.knex('audit_event').where({ tenant_id: owner.tenantId });
    expect(audited).toMatchObject({ action: 'user.changed', before: { role: 'agent' }, after: change });
    expect((await owner.ask('PATCH', `${TEAM}/${agent.userId}`, {})).body).toEqual(answer.body);
    expect(await scene.auditOf(owner)).toEqual(['user.changed']);
  });

  test('operator staff have a team with roles of their own', async () => {
    const admin = await scene.person({ role: 'admin', realm: 'operator', plan: 'enterprise' });
    await scene.knex('tenant').where({ id: admin.tenantId }).update({ is_operator: true });
    expect((await scene.invite(admin, { role: 'owner' })).slug).toBe('invalid-body');
    const { user, tenant } = await scene.join(admin, 'support');
    expect([user.realm, user.role, tenant.id]).toEqual(['operator', 'support', admin.tenantId]);
    const body = { email: user.email, password: TEST_PASSWORD };
    expect((await sendJson(`${scene.url}/api/auth/login`, { body })).status).toBe(200);
    expect((await admin.ask('DELETE', `${TEAM}/${admin.userId}`)).slug).toBe('last-owner');
  });

  test('the list has pages', async () => {
    const owner = await scene.person();
    for (let n = 0; n < 3; n += 1) await scene.invite(owner);
    const first = Team.parse((await owner.ask('GET', `${TEAM}?limit=2`)).body);
    const rest = Team.parse((await owner.ask('GET', `${TEAM}?limit=2&cursor=${first.next_cursor}`)).body);
    expect([...first.data, ...rest.data]).toEqual((await scene.teamOf(owner)).data);
    expect(rest.next_cursor).toBeNull();
    expect((await owner.ask('GET', `${TEAM}?cursor=abcd`)).slug).toBe('invalid-query');
  });
});

describe('leaving', () => {
  test('the last owner can be neither removed nor demoted', async () => {
    const owner = await scene.person();
    await scene.person({ role: 'admin', of: owner });
    expect((await owner.ask('DELETE', `${TEAM}/${owner.userId}`)).slug).toBe('last-owner');
    expect((await owner.ask('PATCH', `${TEAM}/${owner.userId}`, { role: 'admin' })).slug).toBe('last-owner');
    expect((await owner.ask('PATCH', `${TEAM}/${owner.userId}`, { role: 'owner', name: 'Me' })).status).toBe(200);
  });

  test('of owners who remove and demote each other at once, one stays', async () => {
    const first = await scene.person();
    const owners = [
      first,
      await scene.person({ of: first }),
      await scene.person({ of: first }),
      await scene.person({ of: first }),
    ];
    const acts = owners.map((owner, n) => {
      const other = owners[(n + 1) % owners.length];
      const path = `${TEAM}/${other?.userId}`;
      return n % 2 === 0 ? owner.ask('DELETE', path) : owner.ask('PATCH', path, { role: 'agent' });
    });
    await Promise.all(acts);
    const left = await scene
      .knex('app_user')
      .where({ tenant_id: first.tenantId, role: 'owner', disabled_at: null })
      .count<{ count: string }[]>();
    expect(Number(left[0]?.count)).toBeGreaterThanOrEqual(1);
  });

  test('whoever is removed is out at once: sessions and API keys end, the rest stays', async () => {
    const owner = await scene.person();
    const admin = await scene.person({ role: 'admin', of: owner });
    const key = await admin.ask('POST', '/api/keys', { name: 'Export', scopes: ['usage.read'] });
    const { id: keyId, secret } = key.body as { id: string; secret: string };
    const answer = await owner.ask('DELETE', `${TEAM}/${admin.userId}`);
    expect(answer).toMatchObject({ status: 200, body: { revoked_keys: [keyId], owned_sessions: 0 } });
    expect((await admin.ask('GET', '/api/auth/me')).status).toBe(401);
    expect((await scene.asker(secret)('GET', '/api/auth/me')).status).toBe(401);
    const body = { email: admin.email, password: TEST_PASSWORD };
    expect((await sendJson(`${scene.url}/api/customers/auth/login`, { body })).slug).toBe('invalid-credentials');
    expect((await owner.ask('DELETE', `${TEAM}/${admin.userId}`)).slug).toBe('not-found');
    expect((await scene.teamOf(owner)).data).toHaveLength(1);
    expect(await scene.auditOf(owner)).toEqual(['api_key.created', 'user.removed']);
  });

  test('whoever is invited back is the same person, without the keys of before', async () => {
    const owner = await scene.person();
    const admin = await scene.person({ role: 'admin', of: owner });
    const key = await admin.ask('POST', '/api/keys', { name: 'Export', scopes: ['usage.read'] });
    await owner.ask('DELETE', `${TEAM}/${admin.userId}`);
    const back = await scene.join(owner, 'agent', admin.email);
    expect([back.user.id, back.user.role]).toEqual([admin.userId, 'agent']);
    const { secret } = key.body as { secret: string };
    expect((await scene.asker(secret)('GET', '/api/auth/me')).status).toBe(401);
    expect((await admin.ask('GET', '/api/auth/me')).status).toBe(401);
  });

  test('whoever left may sign up with the same address, and cannot be taken back then', async () => {
    const owner = await scene.person();
    const agent = await scene.person({ role: 'agent', of: owner });
    await owner.ask('DELETE', `${TEAM}/${agent.userId}`);
    const body = { email: agent.email, password: TEST_PASSWORD, business_name: 'On my own' };
    expect((await sendJson(`${scene.url}/api/customers/auth/signup`, { body })).status).toBe(201);
    await scene.invite(owner, { email: agent.email });
    expect((await scene.accept(await scene.mailbox.tokenFor(agent.email))).slug).toBe('email-taken');
  });

  test('conversations of whoever is removed stay theirs, and the answer counts them', async () => {
    const owner = await scene.person();
    const agent = await scene.person({ role: 'agent', of: owner });
    await ownSession(agent);
    const { body } = await owner.ask('DELETE', `${TEAM}/${agent.userId}`);
    expect(body).toMatchObject({ id: agent.userId, revoked_keys: [], owned_sessions: 1 });
    const sessions = await scene.knex('chat_session').where({ tenant_id: owner.tenantId });
    expect(sessions).toMatchObject([{ owner: 'human', owner_user_id: toUuid(agent.userId), state: 'open' }]);
  });
});

async function ownSession({ tenantId, userId }: Person): Promise<void> {
  const { knex } = scene;
  const at = scene.clock.now();
  const [personaId, versionId] = [newUuid(), newUuid()];
  const ids = { tenant_id: tenantId, created_at: at };
  await knex('persona').insert({ ...ids, id: personaId, slug: 'bob' });
  await knex('persona_version').insert({
    ...ids,
    id: versionId,
    persona_id: personaId,
    number: 1,
    state: 'published',
    schema_version: 1,
    snapshot: '{}',
    content_hash: 'hash',
    source: 'edit',
    changelog: 'first',
  });
  await knex('chat_session').insert({
    ...ids,
    id: newUuid(),
    channel: 'public',
    client_id_hash: newUuid(),
    persona_version_id: versionId,
    language: 'en',
    owner: 'human',
    owner_user_id: toUuid(userId),
    owner_since: at,
    last_at: at,
  });
}
