import { afterAll, beforeAll, expect, test } from 'vitest';

import { LoggedIn, Me } from '#contract/auth.ts';
import { ProblemBody } from '#contract/common.ts';
import { fixedClock } from '#platform/clock.ts';
import { readEnv } from '#platform/env.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const CUSTOMER_LOGIN = '/api/customers/auth/login';
const HOUR_MS = 3_600_000;

let database: FreshDatabase;
let api: TestApi;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { clock });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function logIn(email: string, password = TEST_PASSWORD, path = CUSTOMER_LOGIN): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
}

async function openSession(): Promise<{ session: LoggedIn; cookie: string; email: string }> {
  const { email } = await insertTenantUser(database.knex);
  const answer = await logIn(email);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { session: LoggedIn.parse(await answer.json()), cookie, email };
}

function me(headers: Record<string, string>): Promise<Response> {
  return fetch(`${api.url}/api/auth/me`, { headers });
}

function logOut(headers: Record<string, string>, body = '{}'): Promise<Response> {
  return fetch(`${api.url}/api/customers/auth/logout`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
}

async function slugOf(answer: Response): Promise<string> {
  return ProblemBody.parse(await answer.json()).type.replace('/problems/', '');
}

test('a right password gives a token that works as Bearer, and a session cookie', async () => {
  const { session, cookie, email } = await openSession();
  expect(session.user).toMatchObject({ realm: 'tenant', role: 'owner', email });
  expect(cookie).toBe(`bob=${session.token}`);
  const answer = await me({ Authorization: `Bearer ${session.token}` });
  expect(answer.headers.get('set-cookie')).toBeNull();
  const { actor, permissions, csrf_token: csrfToken } = Me.parse(await answer.json());
  expect(actor).toMatchObject({ type: 'user', email });
  expect(permissions).toContain('usage.read');
  expect(permissions).not.toContain('tenants.manage');
  expect(csrfToken).toBeUndefined();
});

test('an e-mail address signs in whatever its case, and only in its own realm', async () => {
  const { email } = await insertTenantUser(database.knex);
  expect((await logIn(email.toUpperCase())).status).toBe(200);
  expect((await logIn(email, TEST_PASSWORD, '/api/auth/login')).status).toBe(401);
});

test('wrong password and unknown account read the same', async () => {
  const { email } = await insertTenantUser(database.knex);
  const wrong = ProblemBody.parse(await (await logIn(email, 'wrong')).json());
  const unknown = ProblemBody.parse(await (await logIn('nobody@example.com', 'wrong')).json());
  expect({ ...unknown, request_id: '' }).toEqual({ ...wrong, request_id: '' });
});

test.each(['known', 'unknown'])(
  'ten wrong passwords lock an account that is %s for a quarter of an hour',
  async (kind) => {
    const email = kind === 'known' ? (await insertTenantUser(database.knex)).email : 'stranger@example.com';
    const answers = await Promise.all(Array.from({ length: 12 }, () => logIn(email, 'wrong')));
    expect(answers.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(2);
    const locked = await logIn(email);
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '900']);
    clock.moveBy(HOUR_MS / 4);
    expect((await logIn(email)).status).toBe(kind === 'known' ? 200 : 401);
  },
);

test('an address is locked after a hundred wrong passwords, whichever accounts they were for', async () => {
  clock.moveBy(HOUR_MS);
  const { email } = await insertTenantUser(database.knex);
  const strangers = Array.from({ length: 102 }, (_, n) => `stranger-${n}@example.com`);
  const answers = await Promise.all(strangers.map((stranger) => logIn(stranger, 'wrong')));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(100);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  expect((await logIn(email)).status).toBe(429);
  clock.moveBy(HOUR_MS / 4);
  expect((await logIn(email)).status).toBe(200);
});

test('a sign-in gets a session id of its own: one planted before is not taken over', async () => {
  const { email } = await insertTenantUser(database.knex);
  const planted = `bob=bob_at_${'p'.repeat(43)}`;
  const answer = await fetch(`${api.url}${CUSTOMER_LOGIN}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: planted },
    body: JSON.stringify({ email, password: TEST_PASSWORD }),
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('set-cookie')).not.toContain(planted);
  expect((await me({ Cookie: planted })).status).toBe(401);
});

test('the cookie is out of reach of scripts and of other sites', async () => {
  const { email } = await insertTenantUser(database.knex);
  expect((await logIn(email)).headers.get('set-cookie')).toMatch(
    /^bob=bob_at_[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; httponly$/i,
  );
});

test('a right password forgives the wrong ones before it', async () => {
  const { email } = await insertTenantUser(database.knex);
  for (let n = 0; n < 9; n += 1) await logIn(email, 'wrong');
  expect((await logIn(email)).status).toBe(200);
  expect((await logIn(email, 'wrong')).status).toBe(401);
  expect((await logIn(email)).status).toBe(200);
});

test('a cookie that changes something needs the CSRF token and our own origin', async () => {
  const { session, cookie } = await openSession();
  const csrf = Me.parse(await (await me({ Cookie: cookie })).json()).csrf_token ?? '';
  expect(csrf).toBe(session.csrf_token);
  expect(await slugOf(await logOut({ Cookie: cookie }))).toBe('csrf-failed');
  expect(await slugOf(await logOut({ Cookie: cookie, Origin: api.url }))).toBe('csrf-failed');
  const foreign = { Cookie: cookie, Origin: 'https://elsewhere.example', 'X-CSRF-Token': csrf };
  expect(await slugOf(await logOut(foreign))).toBe('csrf-failed');
  const crossSite = { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site', 'X-CSRF-Token': csrf };
  expect(await slugOf(await logOut(crossSite))).toBe('csrf-failed');

  const answer = await logOut({ Cookie: cookie, Origin: api.url, 'X-CSRF-Token': csrf });
  expect([answer.status, (await me({ Cookie: cookie })).status]).toEqual([204, 401]);
});

test('logout ends one session, logout everywhere ends them all', async () => {
  const { session, email } = await openSession();
  const second = LoggedIn.parse(await (await logIn(email)).json());
  const third = LoggedIn.parse(await (await logIn(email)).json());
  const bearer = ({ token }: LoggedIn) => ({ Authorization: `Bearer ${token}` });
  await logOut(bearer(session), '');
  expect([(await me(bearer(session))).status, (await me(bearer(second))).status]).toEqual([401, 200]);
  await logOut(bearer(second), '{"everywhere":true}');
  expect((await me(bearer(third))).status).toBe(401);
});

test('operator staff sign out at their own address, here or everywhere', async () => {
  const { email } = await insertTenantUser(database.knex, { realm: 'operator', role: 'support' });
  const sessions: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const answer = await logIn(email, TEST_PASSWORD, '/api/auth/login');
    sessions.push(LoggedIn.parse(await answer.json()).token);
  }
  const signedIn = () =>
    Promise.all(sessions.map(async (token) => (await me({ Authorization: `Bearer ${token}` })).status === 200));
  const leave = (token: string | undefined, body: string) =>
    fetch(`${api.url}/api/auth/logout`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body,
    });
  expect((await leave(sessions[0], '{}')).status).toBe(204);
  expect(await signedIn()).toEqual([false, true, true]);
  expect((await leave(sessions[1], '{"everywhere":true}')).status).toBe(204);
  expect(await signedIn()).toEqual([false, false, false]);
});

test('a session ends after twelve hours', async () => {
  const { session } = await openSession();
  clock.moveBy(12 * HOUR_MS);
  expect((await me({ Authorization: `Bearer ${session.token}` })).status).toBe(401);
});

test('a wrong Bearer token is not saved by a cookie beside it', async () => {
  const { cookie } = await openSession();
  const answer = await me({ Cookie: cookie, Authorization: `Bearer bob_at_${'a'.repeat(43)}` });
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  expect(await slugOf(answer)).toBe('unauthenticated');
});

test('no token is kept, only its hash', async () => {
  const { session } = await openSession();
  const rows = await database.knex('auth_session').select('token_hash');
  expect(JSON.stringify(rows)).not.toContain(session.token);
});

test('on https the cookie is secure and bound to the host', async () => {
  const env = readEnv({ PUBLIC_URL: 'https://bob.example', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' });
  const secure = await startTestApi(database.knex, { env });
  try {
    const { email } = await insertTenantUser(database.knex);
    const answer = await fetch(`${secure.url}${CUSTOMER_LOGIN}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: TEST_PASSWORD }),
    });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-bob=bob_at_[\w-]+; path=\/; expires=.*; samesite=lax; secure; httponly$/i);
    expect(answer.headers.get('strict-transport-security')).not.toBeNull();
  } finally {
    await secure.close();
  }
});
