import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ProblemBody } from '#contract/common.ts';
import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';

import { csrfTokenOf } from '../../api/auth/tokens.ts';
import { buildChattingTenant } from '../fixtures/chatting-tenant.ts';
import { openSessionFor } from '../fixtures/isolation/direct-credentials.ts';
import { tenantRows } from '../fixtures/isolation/tenant-rows.ts';
import { bodyOf, pathOf } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { insertTenantUser, type TenantUser } from '../fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
/** Has every permission, so that nothing else stands in the way. */
let admin: TenantUser;
let token: string;
let tokenOfAnother: string;
let rows: Record<string, string>;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
  const { tenantId: of } = await buildChattingTenant(database.knex, 'platform');
  admin = await insertTenantUser(database.knex, { realm: 'operator', role: 'admin', of });
  token = await openSessionFor(database.knex, admin);
  tokenOfAnother = await openSessionFor(database.knex, admin);
  rows = await tenantRows(database.knex, of);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const CHANGING = ROUTES.filter(({ access, method }) => access !== 'public' && method !== 'get').map(
  (route) => [`${route.method} ${route.path}`, route] as const,
);
const WITH_BODY = CHANGING.filter(([, { body }]) => body !== undefined);
const ELSEWHERE = 'https://elsewhere.example';

type Headers = Record<string, string>;

interface Sent {
  path?: string;
  method?: string;
  headers?: Headers;
  body?: string;
}

/** Only the head: what a GET of a feed answers has no end. */
async function send(route: RouteDocument, { path = pathOf(route), method = route.method, headers, body }: Sent) {
  const json =
    body ?? (route.body === undefined || ['get', 'head'].includes(method) ? null : JSON.stringify(bodyOf(route)));
  const answer = await fetch(`${api.url}${path}`, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: { Prefer: 'respond-async', ...(json === null ? {} : { 'Content-Type': 'application/json' }), ...headers },
    body: json,
  });
  const slug = method === 'head' ? '' : await slugOf(answer);
  return { status: answer.status, slug };
}

async function slugOf(answer: Response): Promise<string> {
  if (answer.headers.get('content-type')?.startsWith('application/problem+json') === true) {
    return ProblemBody.parse(await answer.json()).type.replace('/problems/', '');
  }
  await answer.body?.cancel();
  return '';
}

function cookie(): Headers {
  return { Cookie: `bob=${token}` };
}

const proof = (): Headers => ({ ...cookie(), 'X-CSRF-Token': csrfTokenOf(token), Origin: api.url });

/** What a page of somebody else's can have a browser send, and what it could guess. */
const FORGED: readonly [string, () => Headers][] = [
  ['no token', () => ({ ...cookie(), Origin: api.url })],
  ['an empty token', () => ({ ...proof(), 'X-CSRF-Token': '' })],
  ["another session's token", () => ({ ...proof(), 'X-CSRF-Token': csrfTokenOf(tokenOfAnother) })],
  ['the start of the token', () => ({ ...proof(), 'X-CSRF-Token': csrfTokenOf(token).slice(0, -1) })],
  ['the session itself as the token', () => ({ ...proof(), 'X-CSRF-Token': token })],
  ['the token in a cookie', () => ({ Cookie: `bob=${token}; csrf=${csrfTokenOf(token)}`, Origin: api.url })],
  ['no Origin', () => ({ ...cookie(), 'X-CSRF-Token': csrfTokenOf(token) })],
  ['the Origin null', () => ({ ...proof(), Origin: 'null' })],
  ['an Origin elsewhere', () => ({ ...proof(), Origin: ELSEWHERE })],
  ['our Origin with another port', () => ({ ...proof(), Origin: 'http://127.0.0.1:1' })],
  ['our Origin with more behind it', () => ({ ...proof(), Origin: `${api.url}.elsewhere.example` })],
  ['a Referer of ours alone', () => ({ ...cookie(), 'X-CSRF-Token': csrfTokenOf(token), Referer: `${api.url}/` })],
  ['a cross-site fetch', () => ({ ...proof(), 'Sec-Fetch-Site': 'cross-site' })],
  ['a same-site fetch', () => ({ ...proof(), 'Sec-Fetch-Site': 'same-site' })],
  ['a fetch from the address bar', () => ({ ...proof(), 'Sec-Fetch-Site': 'none' })],
];

describe('what a browser can be made to send', () => {
  test.each(CHANGING)('%s: is refused without a proof', async (_, route) => {
    for (const [name, headers] of FORGED) {
      expect([name, await send(route, { headers: headers() })]).toEqual([name, { status: 403, slug: 'csrf-failed' }]);
    }
    const inAddress = `${pathOf(route)}?csrf_token=${csrfTokenOf(token)}&X-CSRF-Token=${csrfTokenOf(token)}`;
    expect(await send(route, { path: inAddress, headers: cookie() })).toMatchObject({ slug: 'csrf-failed' });
  });

  test.each(WITH_BODY)('%s: takes no body that a form can send', async (_, route) => {
    const json = JSON.stringify(bodyOf(route));
    const forms = [
      ['application/x-www-form-urlencoded', 'a=b'],
      ['application/x-www-form-urlencoded', json],
      ['text/plain', json],
      ['text/plain;charset=application/json', json],
      ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n`],
    ];
    for (const [type = '', body = ''] of forms) {
      const sent = { headers: { ...proof(), 'Content-Type': type }, body };
      expect([type, (await send(route, sent)).slug]).toEqual([type, 'unsupported-media-type']);
    }
  });

  test.each(CHANGING)('%s: cannot be reached under the name of another method', async (_, route) => {
    const wanted = route.method.toUpperCase();
    const overrides = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => [name, wanted]);
    const headers = { ...proof(), ...Object.fromEntries(overrides) };
    const path = `${pathOf(route)}?_method=${wanted}`;
    for (const method of ['get', 'head']) {
      const { status } = await send(route, { path, method, headers });
      expect([200, 404, 405, 422]).toContain(status);
    }
    if (route.method === 'post') return;
    // No proof: where there is a POST, it may be tried, but as itself.
    const posted = await send(route, { path, method: 'post', headers: { ...headers, 'X-CSRF-Token': '' }, body: '{}' });
    expect([403, 404, 405]).toContain(posted.status);
  });

  test('and nothing has changed by all of it', async () => {
    expect(await tenantRows(database.knex, admin.tenantId)).toEqual(rows);
  });
});

describe('what our own page sends', () => {
  test.each(CHANGING)('%s: is let through with the token and either sign of where it comes from', async (_, route) => {
    for (const sign of [{ Origin: api.url }, { 'Sec-Fetch-Site': 'same-origin' }]) {
      // Some of these end the session that they are asked with.
      const own = await openSessionFor(database.knex, admin);
      const headers = { Cookie: `bob=${own}`, 'X-CSRF-Token': csrfTokenOf(own), ...sign };
      const { status, slug } = await send(route, { headers });
      expect([slug === 'csrf-failed' || slug === 'unauthenticated', status < 500]).toEqual([false, true]);
    }
  });
});

describe('a visitor’s cookie', () => {
  const OF_VISITORS = ROUTES.filter(({ path, access }) => path.startsWith('/api/chat') && access === 'public').map(
    (route) => [`${route.method} ${route.path}`, route] as const,
  );

  test.each(OF_VISITORS)('%s: opens nothing to a page elsewhere', async (_, route) => {
    const sessions = () => database.knex('chat_session').count();
    const before = await sessions();
    for (const Origin of [ELSEWHERE, 'null', `${api.url}.elsewhere.example`]) {
      const headers = { Cookie: `bob_visitor=${'x'.repeat(32)}`, Origin };
      expect(await send(route, { headers })).toEqual({ status: 403, slug: 'origin-not-allowed' });
    }
    expect(await sessions()).toEqual(before);
  });
});
