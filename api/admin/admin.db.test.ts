import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PlatformTenantList, PlatformTenantView } from '#contract/admin.ts';
import { openPeriods } from '#models/credit-ledger/open-periods.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { fixedClock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';

import { callerWith, problemOf, signInUser, tokenOf, type Call } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const TENANTS = '/api/admin/tenants';
const DAY_MS = 86_400_000;

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;
let admin: Call;
let operatorId: string;
let staffId: string;
const clock = fixedClock(new Date('2026-03-10T12:00:00.000Z'));

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex, { clock });
  await publishFirstPricebook(knex, { at: clock.now(), by: 'test' });
  const staff = await signInUser({ url: api.url, knex }, { realm: 'operator', role: 'admin' });
  await knex('tenant').where({ id: staff.tenantId }).update({ is_operator: true });
  [admin, operatorId, staffId] = [staff.call, staff.tenantId, staff.userId];
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

let made = 0;

async function addTenant(more: object = {}): Promise<PlatformTenantView & { email: string }> {
  made += 1;
  const body = {
    business_name: `Bakery ${made}`,
    email: `owner${made}@bakery.example`,
    password: TEST_PASSWORD,
    ...more,
  };
  const answer = await admin('POST', TENANTS, body);
  expect(answer.status).toBe(201);
  return { ...PlatformTenantView.parse(await answer.json()), email: body.email };
}

async function list(query: string): Promise<PlatformTenantList> {
  const answer = await admin('GET', `${TENANTS}${query}`);
  expect(answer.status).toBe(200);
  return PlatformTenantList.parse(await answer.json());
}

async function change(id: string, body: object): Promise<PlatformTenantView> {
  const answer = await admin('PATCH', `${TENANTS}/${id}`, body);
  expect(answer.status).toBe(200);
  return PlatformTenantView.parse(await answer.json());
}

function auditOf(tenantId: string) {
  return knex('audit_event').where({ tenant_id: tenantId }).orderBy('id').select();
}

describe('making tenants', () => {
  test('what is kept of a request to know it again gives no password away', async () => {
    const body = {
      business_name: 'Mill',
      email: 'owner@mill.example',
      password: TEST_PASSWORD,
      language: 'en',
      plan: 'starter',
    };
    const headers = { 'Idempotency-Key': 'mill' };
    const first = await admin('POST', TENANTS, body, headers);
    const again = await admin('POST', TENANTS, body, headers);
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    const other = await admin('POST', TENANTS, { ...body, password: `${TEST_PASSWORD}!` }, headers);
    expect(await problemOf(other)).toBe('422 idempotency-mismatch');
    const [row] = await knex('idempotency_key').where({ tenant_id: operatorId }).select('request_hash');
    expect(row?.request_hash).not.toBe(sha256Hex(`\n${JSON.stringify(body)}`));
  });

  test('a made tenant is whole: its owner signs in, with persona, plan, credits and widget key', async () => {
    const tenant = await addTenant({ business_name: 'Müller & Söhne', plan: 'pro' });
    expect(tenant).toMatchObject({ business_id: 'muller-sohne', status: 'active', plan: 'pro', next_plan: null });
    expect(tenant.counts).toEqual({ users: 1, api_keys: 0, sessions: 0 });
    const owner = callerWith(api.url, await tokenOf(api.url, { email: tenant.email }));
    const balance = (await (await owner('GET', '/api/usage/balance')).json()) as { available: string };
    expect(balance.available).toBe('75000.000');
    expect(await knex('widget_key').where({ tenant_id: tenant.id })).toHaveLength(1);
    const [created] = await auditOf(tenant.id);
    expect(created).toMatchObject({ action: 'tenant.created', after: { plan: 'pro', name: 'Müller & Söhne' } });
    expect(`usr_${String(created?.actor_id).replaceAll('-', '')}`).toBe(staffId);
  });

  test('one without a password waits for its owner to set one', async () => {
    const { email, id } = await addTenant({ password: undefined });
    const answer = await fetch(`${api.url}/api/customers/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: TEST_PASSWORD }),
    });
    expect(await problemOf(answer)).toBe('401 invalid-credentials');
    expect((await list(`?q=${encodeURIComponent(email.toUpperCase())}`)).data.map((found) => found.id)).toEqual([id]);
  });

  test('an address that has an account, and a plan nobody sells, are refused', async () => {
    const { email } = await addTenant();
    const again = await admin('POST', TENANTS, { business_name: 'Twice', email });
    expect(await problemOf(again)).toBe('409 email-taken');
    const plan = await admin('POST', TENANTS, { business_name: 'x', email: 'x@plan.example', plan: 'golden' });
    expect(plan.status).toBe(422);
    expect(await plan.json()).toMatchObject({ errors: [{ pointer: '/plan' }] });
  });
});

describe('the list', () => {
  test('has pages, newest first, and is searched by name, id and address', async () => {
    const [first, second] = [await addTenant({ business_name: '100 % Organic' }), await addTenant({ plan: 'pro' })];
    const page = await list('?limit=1');
    expect(page.data.map(({ id }) => id)).toEqual([second.id]);
    const next = await list(`?limit=1&cursor=${page.next_cursor}`);
    expect(next.data.map(({ id }) => id)).toEqual([first.id]);
    for (const q of ['organic', '100 %', first.id, first.business_id, first.email]) {
      expect((await list(`?q=${encodeURIComponent(q)}`)).data.map(({ id }) => id)).toEqual([first.id]);
    }
    expect((await list('?q=%25%25')).data).toEqual([]);
    expect((await list(`?plan=pro&q=${second.id}`)).data).toHaveLength(1);
    expect((await list(`?status=suspended&q=${second.id}`)).data).toEqual([]);
    expect(await problemOf(await admin('GET', `${TENANTS}?cursor=abcd`))).toBe('422 invalid-query');
  });

  test('is for those who manage tenants', async () => {
    for (const who of [{ realm: 'operator', role: 'support' }, { role: 'owner' }] as const) {
      const { call } = await signInUser({ url: api.url, knex }, who);
      expect(await problemOf(await call('GET', TENANTS))).toBe('403 forbidden');
      expect(await problemOf(await call('PATCH', `${TENANTS}/${operatorId}`, { status: 'active' }))).toBe(
        '403 forbidden',
      );
    }
  });
});

describe('suspension', () => {
  test('ends changes at once, leaves reading and leaving, and can be lifted', async () => {
    const { id, email } = await addTenant();
    const owner = callerWith(api.url, await tokenOf(api.url, { email }));
    expect(await change(id, { status: 'suspended', reason: 'Unpaid' })).toMatchObject({ status: 'suspended' });
    expect((await owner('GET', '/api/tenant')).status).toBe(200);
    expect(await problemOf(await owner('PATCH', '/api/tenant', { name: 'x' }))).toBe('403 tenant-suspended');
    const chat = await owner('POST', '/api/chat/message', { message: 'Hi', session_id: 's' });
    expect(await problemOf(chat)).toBe('403 tenant-suspended');
    await change(id, { status: 'active' });
    expect((await owner('PATCH', '/api/tenant', { name: 'Back' })).status).toBe(200);
    const audited = (await auditOf(id)).filter(({ action }) => action === 'tenant.status_changed');
    expect(audited).toMatchObject([
      { before: { status: 'active' }, after: { status: 'suspended' }, reason: 'Unpaid', actor_type: 'user' },
      { before: { status: 'suspended' }, after: { status: 'active' }, reason: null },
    ]);
  });

  test('the operator cannot suspend itself, and a tenant that is not there is a 404', async () => {
    expect(await problemOf(await admin('PATCH', `${TENANTS}/${operatorId}`, { status: 'suspended' }))).toBe(
      '409 conflict',
    );
    const nobody = '0195f3a0-0000-7000-8000-000000000001';
    expect(await problemOf(await admin('PATCH', `${TENANTS}/${nobody}`, { status: 'active' }))).toBe('404 not-found');
    expect(await problemOf(await admin('PATCH', `${TENANTS}/me`, { status: 'active' }))).toBe('404 not-found');
  });

  test('what changes nothing leaves no trace', async () => {
    const { id, plan } = await addTenant();
    await change(id, { status: 'active', plan });
    await change(id, {});
    expect((await auditOf(id)).map(({ action }) => String(action))).toEqual(['tenant.created']);
  });
});

describe('another plan', () => {
  test('begins with the next period, with its own credits, and can be taken back before', async () => {
    const { id } = await addTenant();
    expect(await change(id, { plan: 'enterprise' })).toMatchObject({ plan: 'starter', next_plan: 'enterprise' });
    expect(await change(id, { plan: 'starter' })).toMatchObject({ plan: 'starter', next_plan: null });
    await change(id, { plan: 'pro', reason: 'Asked for by mail' });
    const later = new Date(clock.now().getTime() + 40 * DAY_MS);
    await knex.transaction((trx) => openPeriods(trx, id as Parameters<typeof openPeriods>[1], later));
    const periods = await knex('billing_period').where({ tenant_id: id }).orderBy('no').pluck('plan_key');
    expect(periods).toEqual(['starter', 'pro']);
    const grants = await knex('credit_grant').where({ tenant_id: id }).orderBy('effective_at').pluck('amount_mc');
    expect(grants).toEqual(['15000000', '75000000']);
    expect((await list(`?q=${id}`)).data).toMatchObject([{ plan: 'pro', next_plan: null }]);
    expect((await auditOf(id)).filter(({ action }) => action === 'tenant.plan_changed')).toMatchObject([
      { before: { plan: 'starter', next_plan: null }, after: { plan: 'starter', next_plan: 'enterprise' } },
      { before: { next_plan: 'enterprise' }, after: { next_plan: null } },
      { after: { next_plan: 'pro' }, reason: 'Asked for by mail' },
    ]);
  });

  test('does not reach back into periods that nobody had opened yet', async () => {
    const { id } = await addTenant();
    clock.moveBy(65 * DAY_MS);
    try {
      const again = callerWith(api.url, await tokenOf(api.url, { email: await staffEmail(), realm: 'operator' }));
      expect((await again('PATCH', `${TENANTS}/${id}`, { plan: 'pro' })).status).toBe(200);
    } finally {
      clock.moveBy(-65 * DAY_MS);
    }
    const periods = await knex('billing_period').where({ tenant_id: id }).orderBy('no').pluck('plan_key');
    expect(periods).toEqual(['starter', 'starter', 'starter']);
  });

  test('one that went off sale meanwhile leaves the tenant what it has', async () => {
    const { id } = await addTenant();
    await knex('subscription').where({ tenant_id: id }).update({ next_plan_key: 'golden' });
    const later = new Date(clock.now().getTime() + 40 * DAY_MS);
    await knex.transaction((trx) => openPeriods(trx, id as Parameters<typeof openPeriods>[1], later));
    const periods = await knex('billing_period').where({ tenant_id: id }).orderBy('no').pluck('plan_key');
    expect(periods).toEqual(['starter', 'starter']);
  });
});

async function staffEmail(): Promise<string> {
  const [email] = await knex('app_user').where({ tenant_id: operatorId }).pluck('email');
  return String(email);
}
