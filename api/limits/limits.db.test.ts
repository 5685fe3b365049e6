import { Router } from '@koa/router';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PostPublicChat } from '#contract/chat.ts';
import { ProblemBody } from '#contract/common.ts';
import { firstOperatorPolicy, type OperatorPolicy } from '#domain/operator-policy.ts';
import { countRequest } from '#models/commands/count-request.ts';
import { fixedClock, systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import { readEnv } from '#platform/env.ts';
import { newUuid } from '#platform/new-id.ts';

import { policyWith, publishOperatorPolicy } from '../../test/fixtures/operator-policy.ts';
import { callerWith, tokenOf } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser } from '../../test/fixtures/tenant-user.ts';
import { buildWidgetTenant } from '../../test/fixtures/widget-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState, Step } from '../state.ts';
import { limitPasswordMail, limitSignUp } from './limit-by-address.ts';
import { limitChat } from './limit-chat.ts';
import { createLimits } from './limits.ts';
import { createPolicyReader, fixedPolicy } from './policy-reader.ts';

let database: FreshDatabase;
let knex: Knex;
const open: TestApi[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(async () => {
  for (const api of open) await api.close();
  await database.drop();
});

/** Routes that do nothing but be limited. */
function limitedRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  const answer: Step = async (ctx) => {
    ctx.body = {};
  };
  router.post('/sign-up', limitSignUp(), answer);
  router.post('/mail', limitPasswordMail(), answer);
  for (const channel of ['public', 'widget'] as const) {
    router.post<BodyState<PostPublicChat>>(`/say/${channel}`, validateBody(PostPublicChat), limitChat(channel), answer);
  }
  return router;
}

interface ApiWish {
  rates: Partial<OperatorPolicy['rates']>;
  hops?: number;
  clock?: typeof systemClock;
  /** With the routes of the product instead of those above. */
  isProduct?: boolean;
}

/** An API of its own, so that no test meets what another one has used up. */
async function apiWith({ rates, hops = 1, clock = systemClock, isProduct = false }: ApiWish): Promise<TestApi> {
  const limits = createLimits({ policy: fixedPolicy(policyWith(rates)), knex, clock });
  const env = readEnv({ TRUSTED_PROXY_HOPS: String(hops), OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' });
  const api = await startTestApi(knex, { limits, env, clock, ...(isProduct ? {} : { routers: [limitedRoutes()] }) });
  open.push(api);
  return api;
}

interface Sent {
  from?: string;
  body?: object;
  headers?: Record<string, string>;
}

function post(api: TestApi, path: string, { from, body = {}, headers = {} }: Sent = {}): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(from === undefined ? {} : { 'X-Forwarded-For': from }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

function get(api: TestApi, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${api.url}${path}`, { headers });
}

async function expectLimited(answer: Response, limit: string): Promise<void> {
  expect(ProblemBody.parse(await answer.json())).toMatchObject({ type: '/problems/rate-limited', status: 429, limit });
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answer.headers.get('ratelimit')).toContain(`"${limit}";r=0;t=`);
}

const say = (session_id: string) => ({ body: { session_id, message: 'Hello' } });

describe('messages', () => {
  test('a session has its minute and its hour, wherever it comes from', async () => {
    const api = await apiWith({ rates: { chatPerSessionMinute: 2, chatPerSessionHour: 3 } });
    const first = await post(api, '/say/public', { ...say('one'), from: '192.0.2.1' });
    expect(first.headers.get('ratelimit-policy')).toBe(
      '"chat-address";q=30000;w=60, "chat-session";q=2;w=60, "chat-session-hour";q=3;w=3600',
    );
    expect(first.headers.get('ratelimit')).toContain('"chat-session";r=1;t=60, "chat-session-hour";r=2;t=3600');
    expect((await post(api, '/say/public', { ...say('one'), from: '192.0.2.2' })).status).toBe(200);
    await expectLimited(await post(api, '/say/public', { ...say('one'), from: '192.0.2.3' }), 'chat-session');
    expect((await post(api, '/say/public', say('other'))).status).toBe(200);
  });

  test('an hour ends what its minutes would still allow', async () => {
    const api = await apiWith({ rates: { chatPerSessionMinute: 9, chatPerSessionHour: 2 } });
    for (let n = 0; n < 2; n += 1) expect((await post(api, '/say/public', say('one'))).status).toBe(200);
    await expectLimited(await post(api, '/say/public', say('one')), 'chat-session-hour');
  });

  test('one session_id of two businesses, or of two paths, is two sessions', async () => {
    const api = await apiWith({ rates: { chatPerSessionMinute: 1 } });
    const of = (business_id: string) => ({ body: { ...say('one').body, business_id } });
    const key = { headers: { 'X-Widget-Key': 'pk_live_1' } };
    const answers = [
      await post(api, '/say/public', say('one')),
      await post(api, '/say/public', of('demo')),
      await post(api, '/say/widget', { ...say('one'), ...key }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await expectLimited(await post(api, '/say/public', of('demo')), 'chat-session');
  });

  test('an address has its rate over all its sessions, and an IPv6 customer is one address', async () => {
    const api = await apiWith({ rates: { chatPerAddressMinute: 2 } });
    const from = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:2::3', '2001:db8:1:3::1'];
    const answers: number[] = [];
    for (const [n, address] of from.entries()) {
      answers.push((await post(api, '/say/public', { ...say(`s${n}`), from: address })).status);
    }
    expect(answers).toEqual([200, 200, 429, 200]);
  });

  test('a widget key has its rate over all addresses', async () => {
    const api = await apiWith({ rates: { chatPerKeyMinute: 2 }, isProduct: true });
    const page = 'https://keys.example';
    const { key } = (await buildWidgetTenant(knex, 'keys', [page])).key;
    const from = (Origin: string) => ({ headers: { 'X-Widget-Key': key, Origin, Prefer: 'respond-async' } });
    const send = (n: number, origin = page) =>
      post(api, '/api/widget/chat', { ...say(`s${n}`), from: `192.0.2.${n}`, ...from(origin) });
    // Another page that took the key out of this one spends nothing of it.
    for (let n = 1; n <= 3; n += 1) expect((await send(n, 'https://stranger.example')).status).toBe(403);
    expect([(await send(4)).status, (await send(5)).status]).toEqual([202, 202]);
    await expectLimited(await send(6), 'chat-key');
  });

  test('a message with faults costs nothing', async () => {
    const api = await apiWith({ rates: { chatPerSessionMinute: 1 } });
    const faulty = await post(api, '/say/public', { body: { session_id: 'one', message: '' } });
    expect(faulty.status).toBe(422);
    expect((await post(api, '/say/public', say('one'))).status).toBe(200);
  });
});

describe('addresses behind proxies', () => {
  test('without a trusted proxy nobody chooses an address by a header', async () => {
    const api = await apiWith({ rates: { chatPerAddressMinute: 2 }, hops: 0 });
    const statuses: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const forged = {
        'X-Forwarded-For': `203.0.113.${n}`,
        Forwarded: `for=203.0.113.${n}`,
        'X-Real-IP': `10.0.0.${n}`,
      };
      statuses.push((await post(api, '/say/public', { ...say(`s${n}`), headers: forged })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  test.each([
    [1, '203.0.113.N, 192.0.2.1'],
    [2, '203.0.113.N, 192.0.2.1, 198.51.100.7'],
  ])('with %i trusted hops only what they wrote counts', async (hops, header) => {
    const api = await apiWith({ rates: { chatPerAddressMinute: 2 }, hops });
    const statuses: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      statuses.push((await post(api, '/say/public', { ...say(`s${n}`), from: header.replace('N', `${n}`) })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('what is no address at all counts as one stranger', async () => {
    const api = await apiWith({ rates: { chatPerAddressMinute: 1 } });
    expect((await post(api, '/say/public', { ...say('a'), from: 'x'.repeat(500) })).status).toBe(200);
    expect((await post(api, '/say/public', { ...say('b'), from: "' or 1=1 --" })).status).toBe(429);
  });
});

describe('who reads and who signs in', () => {
  test('anonymous reads are counted by address, over all pages', async () => {
    const api = await apiWith({ rates: { anonymousReadsPerAddressMinute: 3 }, isProduct: true });
    for (const path of ['/', '/problems', '/openapi.json']) expect((await get(api, path)).status).toBe(200);
    await expectLimited(await get(api, '/api/pricebook/versions'), 'reads');
    expect((await get(api, '/problems', { 'X-Forwarded-For': '192.0.2.9' })).status).toBe(200);
  });

  test('the state of the service can be asked as often as a monitor likes', async () => {
    const api = await apiWith({ rates: { anonymousReadsPerAddressMinute: 1 }, isProduct: true });
    for (let n = 0; n < 3; n += 1) expect((await get(api, '/api/health')).headers.get('ratelimit')).toBeNull();
  });

  test('each token has its own rate', async () => {
    const api = await apiWith({ rates: { signedInPerTokenMinute: 2 }, isProduct: true });
    const { email } = await insertTenantUser(knex);
    const [one, other] = [await tokenOf(api.url, { email }), await tokenOf(api.url, { email })];
    const call = callerWith(api.url, one);
    expect((await call('GET', '/api/auth/me')).headers.get('ratelimit')).toBe('"signed-in";r=1;t=60');
    await call('GET', '/api/auth/me');
    await expectLimited(await call('GET', '/api/auth/me'), 'signed-in');
    expect((await callerWith(api.url, other)('GET', '/api/auth/me')).status).toBe(200);
  });

  test('tokens cannot be guessed on and on', async () => {
    const api = await apiWith({ rates: { anonymousReadsPerAddressMinute: 2 }, isProduct: true });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const guess = callerWith(api.url, `bob_at_${`${n}`.repeat(43)}`);
      statuses.push((await guess('GET', '/api/auth/me')).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('sign-up and password mail', () => {
  test.each([
    ['/sign-up', 'sign-up', { signUpPerAddressHour: 10 }],
    ['/mail', 'password-mail', { passwordMailPerAddressHour: 5 }],
  ])('%s is exact where all come at once, through two processes', async (path, limit, rates) => {
    const [one, other] = [await apiWith({ rates }), await apiWith({ rates })];
    const from = `192.0.2.${path.length}`;
    const max = Object.values(rates)[0] ?? 0;
    const burst = Array.from({ length: 30 }, (_, n) => post(n % 2 === 0 ? one : other, path, { from }));
    const answers = await Promise.all(burst);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(max);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30 - max);
    await expectLimited(await post(one, path, { from }), limit);
    expect((await post(one, path, { from: '198.51.100.1' })).status).toBe(200);
  });

  test('the hour moves along: the next is free when the oldest has left it', async () => {
    const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));
    const api = await apiWith({ rates: { signUpPerAddressHour: 2 }, clock });
    const from = '203.0.113.77';
    await post(api, '/sign-up', { from });
    clock.moveBy(30 * 60_000);
    await post(api, '/sign-up', { from });
    const refused = await post(api, '/sign-up', { from });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1800']);
    clock.moveBy(30 * 60_000);
    expect((await post(api, '/sign-up', { from })).status).toBe(200);
    expect((await post(api, '/sign-up', { from })).status).toBe(429);
  });

  test('addresses are stored by their hash', async () => {
    const api = await apiWith({ rates: {} });
    await post(api, '/sign-up', { from: '203.0.113.200' });
    expect(JSON.stringify(await knex('sign_in_failure').select())).not.toContain('203.0.113.200');
  });

  test('a request that fails after it was counted stays counted', async () => {
    const at = systemClock.now();
    const request = { realm: 'test', subject: newUuid(), max: 2, since: new Date(at.getTime() - 1000), at };
    expect([await countRequest(knex, request), await countRequest(knex, request)].map(({ taken }) => taken)).toEqual([
      0, 1,
    ]);
    expect((await countRequest(knex, request)).oldestAt).toEqual(at);
  });
});

describe('the operator’s policy', () => {
  test('another figure counts within seconds, without a restart; without a policy the published hold', async () => {
    const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));
    const reader = createPolicyReader({ knex, clock });
    expect(await reader.read()).toEqual(firstOperatorPolicy({ rateFactor: 1 }));
    const { tenantId } = await insertTenantUser(knex);
    await publishOperatorPolicy(knex, tenantId, policyWith({ chatPerSessionMinute: 7 }));
    expect((await reader.read()).rates.chatPerSessionMinute).toBe(10);
    clock.moveBy(5000);
    await expect.poll(async () => (await reader.read()).rates.chatPerSessionMinute).toBe(7);
  });

  test('a database that is away neither opens the gates nor closes them', async () => {
    const away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'bob-test', poolMax: 1 });
    try {
      const reader = createPolicyReader({ knex: away, clock: systemClock });
      expect(await reader.read()).toEqual(firstOperatorPolicy({ rateFactor: 1 }));
    } finally {
      await away.destroy();
    }
  });
});
