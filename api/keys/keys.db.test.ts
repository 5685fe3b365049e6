import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LoggedIn, Me } from '#contract/auth.ts';
import { ApiKeyList, CreatedApiKey } from '#contract/keys.ts';
import { toUuid } from '#domain/ids.ts';
import type { Permission } from '#domain/permissions.ts';
import { sha256Hex } from '#platform/digest.ts';
import { fixedClock } from '#platform/clock.ts';

import { buildChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { callerWith, problemOf, signInUser, tokenOf, type Call } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, type NewUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const KEYS = '/api/keys';

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex, { clock });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

function signIn(who: NewUser = {}) {
  return signInUser({ url: api.url, knex }, who);
}

async function makeKey(call: Call, scopes: Permission[] = ['usage.read'], name = 'Export'): Promise<CreatedApiKey> {
  const answer = await call('POST', KEYS, { name, scopes });
  expect(answer.status).toBe(201);
  return CreatedApiKey.parse(await answer.json());
}

async function meOf(call: Call): Promise<Me> {
  return Me.parse(await (await call('GET', '/api/auth/me')).json());
}

async function keysOf(call: Call): Promise<ApiKeyList> {
  return ApiKeyList.parse(await (await call('GET', KEYS)).json());
}

describe('making and revoking', () => {
  test('the secret is shown once and stored by its hash alone', async () => {
    const { call, tenantId, userId } = await signIn();
    const { secret, ...made } = await makeKey(call, ['usage.read', 'keys.manage', 'usage.read']);
    expect(secret).toMatch(/^bob_sk_[\w-]{43}$/);
    expect(made).toMatchObject({ hint: secret.slice(-4), scopes: ['usage.read', 'keys.manage'], last_used_at: null });
    expect(made.created_by).toEqual({ id: userId, name: 'Test User' });

    const listed = await (await call('GET', KEYS)).text();
    expect(ApiKeyList.parse(JSON.parse(listed)).data).toEqual([made]);
    const rows = await knex('api_key').where({ tenant_id: tenantId }).select();
    const audited = await knex('audit_event').where({ tenant_id: tenantId }).select();
    expect(rows[0]).toMatchObject({ secret_hash: sha256Hex(secret) });
    expect(`${listed}${JSON.stringify([rows, audited])}`).not.toContain(secret);
    expect(audited).toMatchObject([{ action: 'api_key.created', actor_type: 'user', object_id: made.id }]);
  });

  test('nobody gives a key what they lack themselves', async () => {
    const { call } = await signIn({ role: 'admin' });
    const refused = await call('POST', KEYS, { name: 'Too much', scopes: ['usage.read', 'billing.manage'] });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ type: '/problems/forbidden', permissions: ['billing.manage'] });
    expect((await keysOf(call)).data).toEqual([]);
    const agent = await signIn({ role: 'agent' });
    expect(await problemOf(await agent.call('POST', KEYS, { name: 'x', scopes: ['chat.manage'] }))).toBe(
      '403 forbidden',
    );
  });

  test('a revoked key ends at once, and can be revoked once', async () => {
    const { call, tenantId } = await signIn();
    const { id, secret } = await makeKey(call);
    const program = callerWith(api.url, secret);
    expect((await program('GET', '/api/auth/me')).status).toBe(200);
    expect((await call('DELETE', `${KEYS}/${id}`)).status).toBe(204);
    expect((await program('GET', '/api/auth/me')).status).toBe(401);
    expect(await problemOf(await call('DELETE', `${KEYS}/${id}`))).toBe('404 not-found');
    expect((await keysOf(call)).data).toEqual([]);
    const actions = await knex('audit_event').where({ tenant_id: tenantId }).orderBy('id').pluck('action');
    expect(actions).toEqual(['api_key.created', 'api_key.revoked']);
  });

  test('another tenant’s key is a 404, and stays alive', async () => {
    const [mine, theirs] = [await signIn(), await signIn()];
    const { id, secret } = await makeKey(theirs.call);
    expect(await problemOf(await mine.call('DELETE', `${KEYS}/${id}`))).toBe('404 not-found');
    expect((await callerWith(api.url, secret)('GET', '/api/auth/me')).status).toBe(200);
  });

  test('of two who make the last key that fits, one does', async () => {
    const { call, tenantId, userId } = await signIn();
    await knex.raw(
      `insert into api_key (tenant_id, id, name, secret_hash, hint, scopes, created_by, created_at)
       select ?, gen_random_uuid(), 'x', gen_random_uuid()::text, 'xxxx', '{}', ?, now() from generate_series(1, 99)`,
      [tenantId, toUuid(userId)],
    );
    const make = async () => (await call('POST', KEYS, { name: 'Last', scopes: ['usage.read'] })).status;
    expect((await Promise.all([make(), make()])).toSorted((left, right) => left - right)).toEqual([201, 409]);
  });

  test('the list has pages, newest first', async () => {
    const { call } = await signIn();
    for (const name of ['one', 'two', 'three']) await makeKey(call, ['usage.read'], name);
    const first = ApiKeyList.parse(await (await call('GET', `${KEYS}?limit=2`)).json());
    expect(first.data.map(({ name }) => name)).toEqual(['three', 'two']);
    const rest = ApiKeyList.parse(await (await call('GET', `${KEYS}?limit=2&cursor=${first.next_cursor}`)).json());
    expect([rest.data.map(({ name }) => name), rest.next_cursor]).toEqual([['one'], null]);
    expect(await problemOf(await call('GET', `${KEYS}?cursor=abcd`))).toBe('422 invalid-query');
  });
});

describe('what a key may do', () => {
  test('it is an actor of its own, with its scopes and no CSRF token', async () => {
    const { call, userId, email } = await signIn();
    const { id, secret } = await makeKey(call, ['usage.read', 'chat.manage'], 'Robot');
    const me = await meOf(callerWith(api.url, secret));
    expect(me.actor).toMatchObject({ type: 'api_key', id, name: 'Robot', created_by: { id: userId, email } });
    expect(me.permissions).toEqual(['chat.manage', 'usage.read']);
    expect(me.csrf_token).toBeUndefined();
  });

  test('it does no more than its maker may do now', async () => {
    const { call, tenantId, userId } = await signIn();
    const { secret } = await makeKey(call, ['usage.read', 'billing.manage', 'audit.read']);
    await knex('app_user')
      .where({ tenant_id: tenantId, id: toUuid(userId) })
      .update({ role: 'viewer' });
    expect((await meOf(callerWith(api.url, secret))).permissions).toEqual(['usage.read', 'audit.read']);
  });

  test('it ends with its maker’s account', async () => {
    const { call, tenantId, userId } = await signIn();
    const { secret } = await makeKey(call);
    await knex('app_user')
      .where({ tenant_id: tenantId, id: toUuid(userId) })
      .update({ disabled_at: clock.now() });
    expect((await callerWith(api.url, secret)('GET', '/api/auth/me')).status).toBe(401);
  });

  test('a key with the scope makes and revokes keys, and the audit names the key', async () => {
    const { call, tenantId } = await signIn();
    const { id, secret } = await makeKey(call, ['keys.manage', 'usage.read']);
    const program = callerWith(api.url, secret);
    expect((await program('POST', KEYS, { name: 'x', scopes: ['chat.manage'] })).status).toBe(403);
    const child = await makeKey(program, ['usage.read']);
    expect((await program('DELETE', `${KEYS}/${child.id}`)).status).toBe(204);
    const audited = await knex('audit_event').where({ tenant_id: tenantId, actor_type: 'api_key' }).orderBy('id');
    expect(audited).toMatchObject([
      { action: 'api_key.created', actor_id: toUuid(id) },
      { action: 'api_key.revoked', actor_id: toUuid(id) },
    ]);
  });

  test('what it does to conversations is audited as its own act, and shown as its maker’s', async () => {
    const { tenantId, say } = await buildChattingTenant(knex, 'supervised');
    const { sessionId } = await say('Hello', null);
    const { email, userId } = await insertTenantUser(knex, { of: tenantId });
    const owner = callerWith(api.url, await tokenOf(api.url, { email }));
    const { id, secret } = await makeKey(owner, ['sessions.read', 'sessions.supervise']);
    const program = callerWith(api.url, secret);
    const acts = [
      ['takeover', {}],
      ['assign', { user_id: userId }],
      ['reply', { text: 'Hello there' }],
      ['handback', {}],
      ['close', { reason: 'resolved' }],
    ] as const;
    for (const [act, body] of acts) {
      expect([act, (await program('POST', `/api/sessions/${sessionId}/${act}`, body)).status < 300]).toEqual([
        act,
        true,
      ]);
    }
    const audited = await knex('audit_event')
      .where({ tenant_id: tenantId, object_type: 'session' })
      .orderBy('id')
      .select();
    expect(audited).toMatchObject(
      ['session.taken_over', 'session.handed_back', 'session.closed'].map((action) => ({
        action,
        actor_id: toUuid(id),
      })),
    );
    expect(audited).toHaveLength(3);
  });

  test('it is no cookie, cannot log out, and a wrong one signs nobody in', async () => {
    const { call } = await signIn();
    const { secret } = await makeKey(call);
    const asCookie = await fetch(`${api.url}/api/auth/me`, { headers: { Cookie: `bob=${secret}` } });
    expect(asCookie.status).toBe(401);
    for (const realm of ['', '/customers']) {
      const answer = await callerWith(api.url, secret)('POST', `/api${realm}/auth/logout`, { everywhere: true });
      expect(await problemOf(answer)).toBe('403 person-required');
    }
    expect((await call('GET', '/api/auth/me')).status).toBe(200);
    for (const wrong of [
      `${secret}x`,
      secret.slice(0, -1),
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
    ]) {
      expect((await callerWith(api.url, wrong)('GET', '/api/auth/me')).status).toBe(401);
    }
  });

  test('its last use is noted once a minute', async () => {
    const { call } = await signIn();
    const { secret } = await makeKey(call);
    const program = callerWith(api.url, secret);
    const lastUse = async () => (await keysOf(call)).data[0]?.last_used_at;
    await Promise.all(Array.from({ length: 8 }, () => program('GET', '/api/auth/me')));
    const first = clock.now().toISOString();
    expect(await lastUse()).toBe(first);
    clock.moveBy(59_000);
    await program('GET', '/api/auth/me');
    expect(await lastUse()).toBe(first);
    clock.moveBy(1000);
    await program('GET', '/api/auth/me');
    expect(await lastUse()).toBe(clock.now().toISOString());
  });
});

test('two members with one Idempotency-Key make two keys, and neither sees the other’s secret', async () => {
  const owner = await signIn();
  const { email } = await insertTenantUser(knex, { role: 'admin', of: owner.tenantId });
  const admin = callerWith(api.url, await tokenOf(api.url, { email }));
  const key = await makeKey(owner.call, ['keys.manage', 'usage.read']);
  const callers = [owner.call, admin, callerWith(api.url, key.secret)];
  const secretOf = async (call: Call) => {
    const answer = await call('POST', KEYS, { name: 'Same', scopes: ['usage.read'] }, { 'Idempotency-Key': 'k-same' });
    expect(answer.status).toBe(201);
    return [CreatedApiKey.parse(await answer.json()).secret, answer.headers.get('idempotency-replayed')] as const;
  };
  const firsts = [];
  for (const call of callers) firsts.push(await secretOf(call));
  expect(new Set(firsts.map(([secret]) => secret)).size).toBe(3);
  expect(firsts.map(([, replayed]) => replayed)).toEqual([null, null, null]);
  expect(await secretOf(owner.call)).toEqual([firsts[0]?.[0], 'true']);
});

test('a suspended tenant’s people and keys read, change nothing, and can leave', async () => {
  const { call, tenantId, email } = await signIn();
  const { id, secret } = await makeKey(call, ['keys.manage', 'usage.read']);
  await knex('tenant').where({ id: tenantId }).update({ status: 'suspended' });
  for (const caller of [call, callerWith(api.url, secret)]) {
    expect((await caller('GET', KEYS)).status).toBe(200);
    expect(await problemOf(await caller('DELETE', `${KEYS}/${id}`))).toBe('403 tenant-suspended');
    expect(await problemOf(await caller('POST', KEYS, { name: 'x', scopes: ['usage.read'] }))).toBe(
      '403 tenant-suspended',
    );
  }
  const answer = await fetch(`${api.url}/api/customers/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse battery staple' }),
  });
  expect(LoggedIn.parse(await answer.json()).tenant.status).toBe('suspended');
  expect((await call('POST', '/api/auth/logout', {})).status).toBe(204);
});
