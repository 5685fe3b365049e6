import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { AuditEventList, PlatformAuditEventList } from '#contract/audit.ts';
import { CreatedApiKey } from '#contract/keys.ts';
import type { AuditAction } from '#domain/audit.ts';
import { toUuid, type TenantId } from '#domain/ids.ts';
import { recordAudit, type AuditActor } from '#models/audit.ts';

import { callerWith, problemOf, signInUser, type Call } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import type { NewUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const AUDIT = '/api/audit';
const MORNING = new Date('2026-03-01T08:00:00.000Z');

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

function signIn(who: NewUser = {}) {
  return signInUser({ url: api.url, knex }, who);
}

interface Recorded {
  actor: AuditActor;
  action?: AuditAction;
  objectId?: string;
  minutes?: number;
}

function record(tenantId: TenantId, { actor, action = 'tenant.changed', objectId, minutes = 0 }: Recorded) {
  return recordAudit(knex, tenantId, {
    actor,
    action,
    objectType: action.startsWith('user') ? 'user' : 'tenant',
    objectId: objectId ?? tenantId,
    before: { name: 'Old' },
    after: { name: `New ${minutes}` },
    reason: 'because',
    at: new Date(MORNING.getTime() + minutes * 60_000),
  });
}

async function list(call: Call, query = ''): Promise<AuditEventList> {
  const answer = await call('GET', `${AUDIT}${query}`);
  expect(answer.status).toBe(200);
  return AuditEventList.parse(await answer.json());
}

async function platform(call: Call, query = ''): Promise<PlatformAuditEventList> {
  const answer = await call('GET', `/api/admin/audit${query}`);
  expect(answer.status).toBe(200);
  return PlatformAuditEventList.parse(await answer.json());
}

describe('a tenant’s own', () => {
  test('a change is told with its actor’s name, its reason, and before and after', async () => {
    const { call, tenantId, userId } = await signIn();
    await record(tenantId, { actor: { userId, apiKeyId: null } });
    await record(tenantId, { actor: 'system', minutes: 1 });
    const { data } = await list(call);
    expect(data.map(({ actor }) => actor)).toEqual([
      { type: 'system', id: null, name: null },
      { type: 'user', id: userId, name: 'Test User' },
    ]);
    expect(data[1]).toMatchObject({
      action: 'tenant.changed',
      object: { type: 'tenant', id: tenantId },
      before: { name: 'Old' },
      after: { name: 'New 0' },
      reason: 'because',
      at: MORNING.toISOString(),
    });
  });

  test('what a key did carries the key’s name, also after it was revoked', async () => {
    const { call } = await signIn();
    const made = await call('POST', '/api/keys', { name: 'Robot', scopes: ['keys.manage', 'audit.read'] });
    const { id, secret } = CreatedApiKey.parse(await made.json());
    await callerWith(api.url, secret)('DELETE', `/api/keys/${id}`);
    const { data } = await list(call, `?actor=${id}`);
    expect(data).toMatchObject([{ action: 'api_key.revoked', actor: { type: 'api_key', id, name: 'Robot' } }]);
  });

  test('pages go on where the last one ended, also among equal times', async () => {
    const { call, tenantId } = await signIn();
    for (const minutes of [0, 0, 0, 1, 2]) await record(tenantId, { actor: 'system', minutes });
    const seen: string[] = [];
    for (let query = '?limit=2'; ;) {
      const page = await list(call, query);
      seen.push(...page.data.map(({ id }) => id));
      if (page.next_cursor === null) break;
      query = `?limit=2&cursor=${page.next_cursor}`;
    }
    const stored = await knex('audit_event').where({ tenant_id: tenantId }).orderBy('at', 'desc').orderBy('id', 'desc');
    expect(seen.map((id) => toUuid(id as `adt_${string}`))).toEqual(stored.map(({ id }: { id: string }) => id));
  });

  test('filters narrow by actor, action, object and time', async () => {
    const { call, tenantId, userId } = await signIn();
    const actor = { userId, apiKeyId: null };
    await record(tenantId, { actor, minutes: 0 });
    await record(tenantId, { actor: 'system', action: 'user.changed', objectId: userId, minutes: 10 });
    await record(tenantId, { actor, action: 'user.removed', objectId: 'usr_other', minutes: 20 });
    const minutesOf = async (query: string) =>
      (await list(call, query)).data.map(({ after }) => String(after?.['name'])).join();
    expect(await minutesOf(`?actor=${userId}`)).toBe('New 20,New 0');
    expect(await minutesOf('?actor=system')).toBe('New 10');
    expect(await minutesOf('?action=user.removed')).toBe('New 20');
    expect(await minutesOf('?object_type=user')).toBe('New 20,New 10');
    expect(await minutesOf(`?object_type=user&object=${userId}`)).toBe('New 10');
    expect(await minutesOf('?from=2026-03-01T08:10:00Z&to=2026-03-01T08:20:00Z')).toBe('New 10');
    expect(await minutesOf('?from=2026-03-01T10:10:00%2B02:00&to=2026-03-01T08:20:01Z')).toBe('New 20,New 10');
  });

  test('nothing of another tenant is seen, and only with the permission', async () => {
    const [mine, theirs] = [await signIn(), await signIn()];
    await record(theirs.tenantId, { actor: { userId: theirs.userId, apiKeyId: null } });
    expect((await list(mine.call, `?actor=${theirs.userId}`)).data).toEqual([]);
    expect((await list(mine.call)).data).toEqual([]);
    const agent = await signIn({ role: 'agent' });
    expect(await problemOf(await agent.call('GET', AUDIT))).toBe('403 forbidden');
    expect(await problemOf(await mine.call('GET', '/api/admin/audit'))).toBe('403 forbidden');
  });

  test.each(['?cursor=abcd', '?actor=me', '?action=hacked', '?from=yesterday', '?limit=0', '?object=a%27b'])(
    'a query that cannot be is refused: %s',
    async (query) => {
      const { call } = await signIn();
      expect(await problemOf(await call('GET', `${AUDIT}${query}`))).toBe('422 invalid-query');
    },
  );
});

describe('the platform’s', () => {
  test('staff of the operator see every tenant, by name, and can look at one', async () => {
    const staff = await signIn({ realm: 'operator', role: 'support' });
    await knex('tenant').where({ id: staff.tenantId }).update({ is_operator: true });
    const customer = await signIn();
    await record(customer.tenantId, { actor: { userId: customer.userId, apiKeyId: null }, minutes: 30 });
    await record(customer.tenantId, { actor: { userId: staff.userId, apiKeyId: null }, minutes: 40 });
    const { data } = await platform(staff.call, `?tenant=${customer.tenantId}`);
    expect(data.map(({ actor, tenant }) => [actor.name, tenant.id])).toEqual([
      ['Test User', customer.tenantId],
      ['Test User', customer.tenantId],
    ]);
    expect((await list(customer.call)).data.map(({ actor }) => actor.name)).toEqual([null, 'Test User']);
    const everything = await platform(staff.call, '?limit=100');
    expect(new Set(everything.data.map(({ tenant }) => tenant.id)).size).toBeGreaterThan(1);
  });
});

test('every way of asking has an index', async () => {
  const { tenantId } = await signIn();
  await knex.raw(
    `insert into audit_event (tenant_id, id, actor_type, actor_id, action, object_type, object_id, at)
     select tenant.id, gen_random_uuid(), 'user', gen_random_uuid(), 'tenant.changed', 'tenant', n::text,
       timestamptz '2026-01-01' + n * interval '1 minute'
     from tenant cross join generate_series(1, 3000) as n`,
  );
  await knex.raw('analyze audit_event');
  const order = 'order by at desc, id desc limit 20';
  const ways = {
    audit_event_time: 'tenant_id = :tenantId and at < now()',
    audit_event_object: `tenant_id = :tenantId and object_id = '77'`,
    audit_event_actor: 'tenant_id = :tenantId and actor_id = :tenantId',
    audit_event_platform_time: 'true',
  };
  for (const [index, where] of Object.entries(ways)) {
    const { rows } = await knex.raw<{ rows: object[] }>(
      `explain select id from audit_event where ${where} ${order}`,
      where.includes(':tenantId') ? { tenantId } : {},
    );
    expect(JSON.stringify(rows)).toContain(index);
  }
});
