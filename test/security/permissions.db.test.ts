import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';
import { PERMISSIONS, permissionsOf, type Permission, type Realm, type Role } from '#domain/permissions.ts';

import { buildChattingTenant } from '../fixtures/chatting-tenant.ts';
import { bearer } from '../fixtures/isolation/credentials.ts';
import { makeApiKey, openSessionFor } from '../fixtures/isolation/direct-credentials.ts';
import { bodyOf, pathOf } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { insertTenantUser, type TenantUser } from '../fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let staff: TenantUser;
const people = new Map<string, TenantUser>();

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
  const tenants = {
    tenant: await buildChattingTenant(database.knex, 'business'),
    operator: await buildChattingTenant(database.knex, 'platform'),
  };
  for (const [realm, role] of WHO) {
    const person = await insertTenantUser(database.knex, { realm, role, of: tenants[realm].tenantId });
    people.set(`${realm} ${role}`, person);
  }
  staff = personOf('operator', 'admin');
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const WHO: readonly [Realm, Role][] = [
  ...(['owner', 'admin', 'agent', 'viewer'] as const).map((role): [Realm, Role] => ['tenant', role]),
  ...(['admin', 'support'] as const).map((role): [Realm, Role] => ['operator', role]),
];

const REFUSALS = ['unauthenticated', 'forbidden', 'person-required'] as const;
type Verdict = (typeof REFUSALS)[number] | 'passes';

/** What a person has for themselves: no program signs out, or changes a password. */
const PEOPLE_ONLY = new Set(['logOutOperator', 'logOutCustomer', 'changePasswordOperator', 'changePasswordCustomer']);
const NAMED = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);
const GUARDED = NAMED.filter(([, { access }]) => access !== 'public');

/** Nobody gives what they lack themselves: here they give what everybody has who may give at all. */
const MODEST: Readonly<Record<string, object>> = {
  addToTeam: { role: 'viewer' },
  inviteMember: { role: 'viewer' },
  createApiKey: { scopes: ['keys.manage'] },
  // Going over a failed check needs a permission of its own.
  publishPersona: { override_reason: undefined },
};

function personOf(realm: Realm, role: Role): TenantUser {
  const person = people.get(`${realm} ${role}`);
  if (person === undefined) throw new Error(`there is no ${role} in ${realm}`);
  return person;
}

const Told = z.object({ type: z.string(), permission: z.string().optional() });

/** Asks for things that nobody has: who may ask is decided before they are looked for. */
async function verdictOf(route: RouteDocument, headers: Record<string, string>) {
  const isBodied = route.body !== undefined;
  const answer = await fetch(`${api.url}${pathOf(route)}`, {
    method: route.method.toUpperCase(),
    headers: { Prefer: 'respond-async', ...(isBodied ? { 'Content-Type': 'application/json' } : {}), ...headers },
    ...(isBodied ? { body: JSON.stringify({ ...bodyOf(route), ...MODEST[route.operationId] }) } : {}),
  });
  const problem = await problemIn(answer);
  const slug = problem?.type.replace('/problems/', '');
  const verdict: Verdict = REFUSALS.find((refusal) => refusal === slug) ?? 'passes';
  return { status: answer.status, verdict, permission: problem?.permission };
}

async function problemIn(answer: Response): Promise<z.output<typeof Told> | null> {
  if (answer.headers.get('content-type')?.startsWith('application/problem+json') === true) {
    return Told.parse(await answer.json());
  }
  await answer.body?.cancel();
  return null;
}

function expected({ access }: RouteDocument, permissions: ReadonlySet<Permission>): Verdict {
  if (access === 'public' || access === 'signed-in') return 'passes';
  return permissions.has(access) ? 'passes' : 'forbidden';
}

/** The verdict, the status that belongs to it, and which permission is missing. */
async function expectVerdict(route: RouteDocument, headers: Record<string, string>, verdict: Verdict): Promise<void> {
  const told = await verdictOf(route, headers);
  expect(told.verdict).toBe(verdict);
  if (verdict === 'unauthenticated') expect(told.status).toBe(401);
  if (verdict === 'forbidden') expect(told).toMatchObject({ status: 403, permission: route.access });
  if (verdict !== 'passes') return;
  expect(told.status).toBeLessThan(500);
  if (route.method === 'get' && route.params === undefined) expect(told.status).toBe(200);
}

describe.each(WHO)('somebody of the realm %s with the role %s', (realm, role) => {
  test.each(GUARDED)('%s', async (_, route) => {
    const token = await openSessionFor(database.knex, personOf(realm, role));
    await expectVerdict(route, bearer(token), expected(route, permissionsOf({ realm, role })));
  });
});

describe('a program', () => {
  test.each(GUARDED)('%s takes exactly the key with its scope', async (_, route) => {
    const { access } = route;
    const needed = PERMISSIONS.filter((name) => name === access);
    const others = PERMISSIONS.filter((name) => name !== access);
    const isPersonal = PEOPLE_ONLY.has(route.operationId);
    const alone = await makeApiKey(database.knex, staff, needed);
    await expectVerdict(route, bearer(alone), isPersonal ? 'person-required' : 'passes');
    const rest = await makeApiKey(database.knex, staff, others);
    await expectVerdict(route, bearer(rest), isPersonal ? 'person-required' : expected(route, new Set(others)));
  });
});

describe('nobody', () => {
  const ANONYMOUS: readonly [string, () => Record<string, string>][] = [
    ['without anything', () => ({})],
    ['with a token nobody got', () => bearer(`bob_at_${'x'.repeat(43)}`)],
    ['with a key nobody got', () => bearer(`bob_sk_${'x'.repeat(43)}`)],
    ['with a cookie nobody got', () => ({ Cookie: `bob=bob_at_${'x'.repeat(43)}` })],
    ['as a visitor', () => ({ Cookie: 'bob_visitor=x', 'X-Session-Token': 'test.x' })],
    ['as a page', () => ({ 'X-Widget-Key': `pk_live_${'x'.repeat(43)}`, Origin: 'https://shop.example' })],
    ['with a password', () => ({ Authorization: `Basic ${Buffer.from('a:b').toString('base64')}` })],
  ];

  test.each(GUARDED)('%s asks for a sign-in', async (_, route) => {
    for (const [, headers] of ANONYMOUS) await expectVerdict(route, headers(), 'unauthenticated');
  });
});

test('public is what has no permission in the document, and nothing else', async () => {
  for (const [, route] of NAMED.filter(([, { access }]) => access === 'public')) {
    const { verdict } = await verdictOf(route, {});
    expect([route.path, verdict]).toEqual([route.path, 'passes']);
  }
});
