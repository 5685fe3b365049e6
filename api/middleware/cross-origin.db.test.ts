import { Router } from '@koa/router';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { firstOperatorPolicy } from '#domain/operator-policy.ts';
import { revokeWidgetKey } from '#models/commands/revoke-widget-key.ts';
import { systemClock } from '#platform/clock.ts';

import { policyWith } from '../../test/fixtures/operator-policy.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { buildWidgetTenant, type WidgetTenant } from '../../test/fixtures/widget-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createLimits } from '../limits/limits.ts';
import { fixedPolicy } from '../limits/policy-reader.ts';
import type { RequestState } from '../state.ts';

const SHOP = 'https://shop.example';
const OTHER = 'https://other.example';
const KEYLESS = 'https://keyless.example';
const FOREIGN = 'https://evil.example';
const ALLOWED_HEADERS = [
  'Content-Type',
  'X-Widget-Key',
  'X-Session-Token',
  'X-Bob-Notice',
  'Idempotency-Key',
  'Last-Event-ID',
];

let database: FreshDatabase;
let api: TestApi;
let shop: WidgetTenant;
let other: WidgetTenant;

beforeAll(async () => {
  database = await freshDatabase();
  const { knex } = database;
  api = await startTestApi(knex);
  shop = await buildWidgetTenant(knex, 'shop', [SHOP, 'https://*.brand.example', 'https://xn--bcher-kva.example']);
  other = await buildWidgetTenant(knex, 'other', [OTHER]);
  const keyless = await buildWidgetTenant(knex, 'keyless', [KEYLESS]);
  const actor = { userId: keyless.userId, apiKeyId: null };
  await revokeWidgetKey(knex, keyless.tenantId, { id: keyless.key.id, actor, at: new Date('2026-03-11T00:00:00Z') });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

interface Asked {
  method?: string;
  origin?: string | null;
  headers?: Record<string, string>;
  body?: string;
}

function ask(path: string, { method = 'GET', origin = null, headers = {}, body }: Asked = {}): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method,
    headers: { ...(origin === null ? {} : { Origin: origin }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

function preflight(path: string, origin: string): Promise<Response> {
  return ask(path, { method: 'OPTIONS', origin, headers: { 'Access-Control-Request-Method': 'POST' } });
}

function post(
  origin: string | null,
  key: string,
  body: unknown = { session_id: 's', message: 'Hello' },
): Promise<Response> {
  return ask('/api/widget/chat', {
    method: 'POST',
    origin,
    headers: { 'X-Widget-Key': key, 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** What a browser would go by. */
function corsOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
}

const slugOf = async (answer: Response): Promise<string> =>
  `${answer.status} ${((await answer.json()) as { type: string }).type.replace('/problems/', '')}`;

describe('row 1: the chat of the widget', () => {
  test.each(['/api/widget/chat', '/api/widget/chat/messages', '/api/widget/chat/stop', '/api/widget/chat/feedback'])(
    'a preflight of a listed origin to %s is answered with that origin',
    async (path) => {
      const answer = await preflight(path, SHOP);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('vary')).toBe('Origin');
      expect(corsOf(answer)).toEqual({
        'access-control-allow-origin': SHOP,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': ALLOWED_HEADERS.join(', '),
        'access-control-expose-headers': 'Retry-After, X-Request-Id',
        'access-control-max-age': '600',
      });
    },
  );

  test.each([
    ['listed by another tenant', OTHER, 204],
    ['below a wildcard', 'https://www.brand.example', 204],
    ['the domain of the wildcard', 'https://brand.example', 403],
    ['punycode', 'https://xn--bcher-kva.example', 204],
    ['the letters behind punycode', 'https://b%C3%BCcher.example', 403],
    ['of a tenant whose only key was revoked', KEYLESS, 403],
    ['unknown', FOREIGN, 403],
    ['null', 'null', 403],
    ['a subdomain', 'https://www.shop.example', 403],
    ['a look-alike behind', 'https://shop.example.evil.example', 403],
    ['a look-alike before', 'https://evilshop.example', 403],
    ['another scheme', 'http://shop.example', 403],
    ['another port', 'https://shop.example:8443', 403],
    ['the default port written out', 'https://shop.example:443', 403],
    ['a trailing dot', 'https://shop.example.', 403],
    ['upper case', 'https://SHOP.example', 403],
    ['a user name', 'https://user@shop.example', 403],
    ['two of them', `${SHOP}, ${OTHER}`, 403],
    ['a path', `${SHOP}/`, 403],
    ['our own', 'self', 403],
  ])('origin %s', async (_what, given, status) => {
    const origin = given === 'self' ? api.url : given;
    const answer = await preflight('/api/widget/chat', origin);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(answer.headers.get('access-control-allow-origin')).toBe(status === 204 ? origin : null);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    if (status === 403) expect(corsOf(answer)).toEqual({});
    // The same origin on the call itself: no key opens what the list does not.
    const called = await post(origin, given === OTHER ? other.key.key : shop.key.key, {
      session_id: given,
      message: 'Hi',
    });
    expect(called.status).toBe(status === 204 ? 202 : 403);
    expect(called.headers.get('access-control-allow-origin')).toBe(status === 204 ? origin : null);
  });

  test('every error of a listed origin can be read by its page', async () => {
    const answers = {
      'another tenant’s key': [await post(SHOP, other.key.key), '403 origin-not-allowed'],
      'an unknown key': [await post(SHOP, `pk_live_${'A'.repeat(43)}`), '401 widget-key-invalid'],
      'no key': [await post(SHOP, ''), '401 widget-key-invalid'],
      'a wrong body': [await post(SHOP, shop.key.key, {}), '422 invalid-body'],
      'no JSON': [await post(SHOP, shop.key.key, '{'), '400 malformed-body'],
      'too large': [await post(SHOP, shop.key.key, `{"message":"${'x'.repeat(70_000)}"}`), '413 body-too-large'],
      'no such route': [await ask('/api/widget/chat/nothing', { origin: SHOP }), '404 not-found'],
      'another method': [await ask('/api/widget/chat', { origin: SHOP, method: 'DELETE' }), '405 method-not-allowed'],
      'a broken address': [await ask('/api/widget/chat/%E0', { origin: SHOP }), '400 malformed-url'],
    } as const;
    for (const [what, [answer, slug]] of Object.entries(answers)) {
      expect([what, answer.headers.get('access-control-allow-origin')]).toEqual([what, SHOP]);
      expect([what, answer.headers.get('vary')]).toEqual([what, 'Origin']);
      expect([what, await slugOf(answer)]).toEqual([what, slug]);
    }
  });

  test('what goes wrong on our side, and what is too much, can be read as well', async () => {
    const broken = new Router<RequestState>();
    broken.get('/api/widget/chat/messages', () => {
      throw new Error('broken on purpose');
    });
    const policy = fixedPolicy(firstOperatorPolicy({ rateFactor: 0 }));
    const limits = createLimits({ policy, knex: database.knex, clock: systemClock });
    const apis = [
      { other: await startTestApi(database.knex, { routers: [broken] }), slug: '500 internal' },
      { other: await startTestApi(database.knex, { limits }), slug: '429 rate-limited' },
    ];
    for (const {
      other: { url, close },
      slug,
    } of apis) {
      const answer = await fetch(`${url}/api/widget/chat/messages`, { headers: { Origin: SHOP } });
      expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
      expect(await slugOf(answer)).toBe(slug);
      await close();
    }
  });

  test('who tries one origin after the other is told to wait, and a page known already is not', async () => {
    const limits = createLimits({
      policy: fixedPolicy(policyWith({ anonymousReadsPerAddressMinute: 3 })),
      knex: database.knex,
      clock: systemClock,
    });
    const { url, close } = await startTestApi(database.knex, { limits });
    const from = async (origin: string): Promise<number> => {
      const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
      return (await fetch(`${url}/api/widget/chat`, { method: 'OPTIONS', headers })).status;
    };
    const statuses: number[] = [];
    for (const origin of [SHOP, FOREIGN, FOREIGN, FOREIGN, SHOP]) statuses.push(await from(origin));
    expect(statuses).toEqual([204, 403, 403, 429, 204]);
    await close();
  });

  test('a call without an origin is refused, whatever its key', async () => {
    for (const origin of [null, 'null']) {
      const answer = await post(origin, shop.key.key);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('vary')).toBe('Origin');
      expect(await slugOf(answer)).toBe('403 origin-not-allowed');
    }
  });

  test('an origin just added works at once, and a key just revoked no more', async () => {
    const late = 'https://late.example';
    expect((await preflight('/api/widget/chat', late)).status).toBe(403);
    const tenant = await buildWidgetTenant(database.knex, 'late', [late]);
    expect((await preflight('/api/widget/chat', late)).status).toBe(204);
    expect((await post(late, tenant.key.key)).status).toBe(202);
    await tenant.allow();
    expect(await slugOf(await post(late, tenant.key.key))).toBe('403 origin-not-allowed');
    await tenant.allow(late);
    const actor = { userId: tenant.userId, apiKeyId: null };
    const revocation = { id: tenant.key.id, actor, at: new Date('2026-03-11T00:00:00Z') };
    await revokeWidgetKey(database.knex, tenant.tenantId, revocation);
    expect(await slugOf(await post(late, tenant.key.key))).toBe('401 widget-key-invalid');
  });
});

test('row 2: scripts are everybody’s, and no preflight is due for them', async () => {
  for (const path of [
    '/widget/loader.js',
    `/widget/${shop.tenantId}/widget.js`,
    `/widget/${shop.key.key}/config.json`,
  ]) {
    const answer = await ask(path, { origin: FOREIGN });
    expect(answer.status).toBe(200);
    expect(corsOf(answer)).toEqual({ 'access-control-allow-origin': '*' });
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.headers.get('set-cookie')).toBeNull();
    const refused = await preflight(path, FOREIGN);
    expect([refused.status, corsOf(refused)]).toEqual([403, {}]);
  }
});

test.each(['/openapi.json', '/api/pricebook', '/.well-known/anything'])(
  'row 3: %s is open to every page',
  async (path) => {
    const answer = await preflight(path, FOREIGN);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const read = await ask(path, { origin: FOREIGN });
    expect(corsOf(read)).toEqual({ 'access-control-allow-origin': '*' });
  },
);

test.each([
  '/api/chat',
  '/api/chat/message',
  '/api/widget/keys',
  '/api/widget/origins',
  '/api/widget/settings',
  '/api/widget/install',
  '/api/widget/chats',
  '/api/customers/auth/login',
  '/',
])('row 4: %s is for our own pages, listed origins included', async (path) => {
  for (const origin of [FOREIGN, SHOP, 'null']) {
    const answer = await preflight(path, origin);
    expect([answer.status, corsOf(answer)]).toEqual([403, {}]);
    expect(corsOf(await ask(path, { origin }))).toEqual({});
  }
});
