import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ProblemBody } from '#contract/common.ts';
import { TenantSettingsView } from '#contract/tenant.ts';

import { problemOf, signInUser, type Call } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import type { NewUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const TENANT = '/api/tenant';

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

async function settingsOf(call: Call): Promise<TenantSettingsView> {
  return TenantSettingsView.parse(await (await call('GET', TENANT)).json());
}

async function change(call: Call, body: object): Promise<TenantSettingsView> {
  const answer = await call('PATCH', TENANT, body);
  expect(answer.status).toBe(200);
  return TenantSettingsView.parse(await answer.json());
}

test('everybody of the tenant reads its settings, and only who may changes them', async () => {
  const { call, tenantId } = await signIn({ role: 'agent' });
  expect(await settingsOf(call)).toMatchObject({
    id: tenantId,
    name: 'Test',
    status: 'active',
    plan: null,
    languages: ['en', 'es', 'it', 'nl', 'pl'],
    time_zone: 'UTC',
    transcript_days: null,
    public_chat: false,
  });
  expect(await problemOf(await call('PATCH', TENANT, { name: 'Mine' }))).toBe('403 forbidden');
});

test('a change keeps what was not given, and the audit holds what changed and no more', async () => {
  const { call, tenantId } = await signIn();
  const wanted = {
    name: 'Café Ñandú',
    languages: ['es', 'en', 'es'],
    language: 'es',
    time_zone: 'europe/madrid',
    transcript_days: 30,
    privacy_url: 'https://example.com/privacy',
    fallback_contact: 'help@example.com',
    public_chat: true,
  };
  const changed = await change(call, wanted);
  expect(changed).toMatchObject({ ...wanted, languages: ['en', 'es'], time_zone: 'Europe/Madrid' });
  expect(await settingsOf(call)).toEqual(changed);

  await change(call, { transcript_days: null, name: wanted.name, languages: null });
  const rows = await knex('audit_event').where({ tenant_id: tenantId }).orderBy('id').select();
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({
    action: 'tenant.changed',
    object_id: tenantId,
    before: { transcript_days: 30, languages: ['en', 'es'] },
    after: { transcript_days: null, languages: null },
  });
});

test('a change of nothing leaves no trace', async () => {
  const { call, tenantId } = await signIn();
  await change(call, {});
  await change(call, { name: 'Test', languages: null });
  expect(await knex('audit_event').where({ tenant_id: tenantId })).toEqual([]);
});

test('changes at once lose nothing', async () => {
  const { call, tenantId } = await signIn();
  const changes = [
    { name: 'Together' },
    { time_zone: 'Asia/Kolkata' },
    { transcript_days: 7 },
    { privacy_url: 'http://127.0.0.1:8000/privacy' },
    { fallback_contact: '+34 600 000 000' },
    { public_chat: true },
    { language: 'pl' },
  ];
  await Promise.all(changes.map((body) => change(call, body)));
  expect(await settingsOf(call)).toMatchObject(Object.assign({}, ...changes) as object);
  expect(await knex('audit_event').where({ tenant_id: tenantId })).toHaveLength(changes.length);
});

test.each([
  [{ name: ' ' }, '/name'],
  [{ name: 'x'.repeat(101) }, '/name'],
  [{ language: 'de' }, '/language'],
  [{ languages: [] }, '/languages'],
  [{ languages: ['es'] }, '/language'],
  [{ time_zone: '+01:00' }, '/time_zone'],
  [{ time_zone: 'Europe/Atlantis' }, '/time_zone'],
  [{ transcript_days: 0 }, '/transcript_days'],
  [{ privacy_url: 'javascript:alert(1)' }, '/privacy_url'],
  [{ fallback_contact: '' }, '/fallback_contact'],
  [{ status: 'active' }, '/status'],
])('%j is refused', async (body, pointer) => {
  const { call, tenantId } = await signIn();
  const answer = await call('PATCH', TENANT, body);
  expect(answer.status).toBe(422);
  expect(ProblemBody.parse(await answer.json()).errors?.map((fault) => fault.pointer)).toEqual([pointer]);
  expect(await knex('audit_event').where({ tenant_id: tenantId })).toEqual([]);
});
