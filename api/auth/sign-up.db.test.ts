import { afterAll, beforeAll, expect, test } from 'vitest';

import { SignedUp } from '#contract/auth.ts';
import { firstOperatorPolicy } from '#domain/operator-policy.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { fixedClock } from '#platform/clock.ts';
import { newUuid } from '#platform/new-id.ts';

import { sendJson, type JsonAnswer } from '../../test/fixtures/send-json.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createLimits } from '../limits/limits.ts';
import { fixedPolicy } from '../limits/policy-reader.ts';

const HOUR_MS = 3_600_000;
const PASSWORD = 'a password of my own';

let database: FreshDatabase;
let api: TestApi;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  database = await freshDatabase();
  await publishFirstPricebook(database.knex, { at: clock.now(), by: 'test' });
  api = await startTestApi(database.knex, { clock });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

function newEmail(): string {
  return `${newUuid()}@example.com`;
}

function signUp(fields: Record<string, unknown> = {}, url = api.url): Promise<JsonAnswer> {
  const body = { email: newEmail(), password: PASSWORD, business_name: 'Acme Dental', ...fields };
  return sendJson(`${url}/api/customers/auth/signup`, { body });
}

test('a business that signs up has all it needs, and its owner is signed in', async () => {
  const email = newEmail();
  const answer = await signUp({ email: email.toUpperCase(), business_name: '  Żabka\n& Söhne ', language: 'pl' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const made = SignedUp.parse(answer.body);
  expect(made.tenant).toMatchObject({ name: 'Żabka & Söhne', business_id: 'zabka-sohne', plan: 'starter' });
  expect(made.user).toMatchObject({ realm: 'tenant', role: 'owner', email });
  expect(answer.headers.get('set-cookie')).toContain(`bob=${made.token}`);

  const { knex } = database;
  const tenant = { tenant_id: made.tenant.id };
  const bearer = { Authorization: `Bearer ${made.token}` };
  const balance = await sendJson(`${api.url}/api/usage/balance`, { method: 'GET', headers: bearer });
  expect(balance.body).toMatchObject({ available: '15000.000' });
  expect(await knex('widget_key').where(tenant).pluck('key')).toEqual([made.widget_key]);
  expect(made.widget_key).toMatch(/^pk_live_[\w-]{43}$/);
  const versions = await knex('persona_version').where(tenant).select('state', 'number');
  expect([versions, made.persona.version]).toEqual([[{ state: 'published', number: 1 }], 1]);
  const audited = await knex('audit_event').where(tenant).select('action', 'object_id', 'actor_type');
  expect(audited).toEqual([{ action: 'tenant.created', object_id: made.tenant.id, actor_type: 'user' }]);
  expect(await knex('tenant').where({ id: made.tenant.id }).pluck('public_chat')).toEqual([false]);
});

test('eight businesses of one name at once get eight business ids', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => signUp({ business_name: 'Twin Cities' })));
  const ids = answers.map(({ body }) => SignedUp.parse(body).tenant.business_id);
  expect(new Set(ids).size).toBe(8);
  expect(ids).toContain('twin-cities');
  for (const id of ids) expect(id).toMatch(/^twin-cities(-[0-9a-f]{6})?$/);
});

test('nobody gets a business id that passes for the operator', async () => {
  const { body } = await signUp({ business_name: 'Office16852 Platform' });
  expect(SignedUp.parse(body).tenant.business_id).toMatch(/^office16852-platform-[0-9a-f]{6}$/);
});

test('eight sign-ups with one address at once make one tenant', async () => {
  const email = newEmail();
  const names = Array.from({ length: 8 }, (_, n) => `One address ${n}`);
  const answers = await Promise.all(names.map((name) => signUp({ email, business_name: name })));
  expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
    201,
    ...Array.from({ length: 7 }, () => 409),
  ]);
  expect(answers.filter(({ slug }) => slug === 'email-taken')).toHaveLength(7);
  expect(await database.knex('tenant').whereIn('name', names)).toHaveLength(1);
});

test('whoever signed up signs in, and a taken address is told only to sign up again', async () => {
  const email = newEmail();
  await signUp({ email });
  const again = await signUp({ email: email.toUpperCase() });
  expect([again.status, again.slug]).toEqual([409, 'email-taken']);
  const body = { email, password: PASSWORD };
  expect((await sendJson(`${api.url}/api/customers/auth/login`, { body })).status).toBe(200);
  expect((await sendJson(`${api.url}/api/auth/login`, { body })).status).toBe(401);
});

test.each([
  [{ password: 'short' }, '/password'],
  [{ email: 'no address' }, '/email'],
  [{ business_name: ' \n ' }, '/business_name'],
  [{ business_name: 'x'.repeat(101) }, '/business_name'],
  [{ language: 'fr' }, '/language'],
  [{ plan: 'enterprise' }, '/plan'],
])('%o is refused by its field', async (fields, pointer) => {
  const { status, body } = await signUp(fields);
  expect([status, body]).toMatchObject([422, { errors: [{ pointer }] }]);
});

test('an address signs up ten times an hour, however many race; a mistyped form costs none', async () => {
  const policy = fixedPolicy(firstOperatorPolicy({ rateFactor: 1 }));
  const limited = await startTestApi(database.knex, {
    clock,
    limits: createLimits({ policy, knex: database.knex, clock }),
  });
  try {
    clock.moveBy(HOUR_MS);
    await signUp({ password: 'short' }, limited.url);
    const answers = await Promise.all(Array.from({ length: 12 }, () => signUp({}, limited.url)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    const over = answers.filter(({ status }) => status === 429);
    expect(over.map(({ slug }) => slug)).toEqual(['rate-limited', 'rate-limited']);
    expect(over[0]?.headers.get('retry-after')).toBe('3600');
  } finally {
    await limited.close();
  }
});
