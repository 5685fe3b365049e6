import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { systemClock } from '#platform/clock.ts';
import { readEnv } from '#platform/env.ts';

import { bodyOf, callEveryRoute, type RouteCaller } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let caller: RouteCaller;

beforeAll(async () => {
  database = await freshDatabase();
  await publishFirstPricebook(database.knex, { at: systemClock.now(), by: 'test' });
  api = await startTestApi(database.knex);
  caller = await callEveryRoute({ url: api.url, knex: database.knex });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Only the head: a stream has no end. */
async function headOf(route: RouteDocument): Promise<Response> {
  const hasBody = route.body !== undefined;
  const answer = await caller.send(route, hasBody ? { body: JSON.stringify(bodyOf(route)) } : {});
  await answer.body?.cancel();
  return answer;
}

const NAMED = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);

describe('every answer', () => {
  test.each(NAMED)('%s: loads nothing from elsewhere, is framed by nobody, is what its type says', async (_, route) => {
    const { headers, status } = await headOf(route);
    expect(status).not.toBe(500);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors /);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toMatch(/^(same-origin|cross-origin)$/);
    expect(headers.get('x-request-id')).toMatch(/^[\w.-]+$/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('on https browsers are told to stay there', async () => {
    const secure = await startTestApi(database.knex, { env: readEnv({ PUBLIC_URL: 'https://bob.example' }) });
    const { headers } = await fetch(`${secure.url}/api/nothing`);
    await secure.close();
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    expect(headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });
});

describe('no cache keeps what is personal', () => {
  const personal = NAMED.filter(([, { access, method }]) => access !== 'public' || method !== 'get');
  test.each(personal)('%s', async (_, route) => {
    expect((await headOf(route)).headers.get('cache-control')).toMatch(/^no-store/);
  });

  test.each(NAMED.filter(([, { access }]) => access !== 'public'))('%s, to nobody', async (_, route) => {
    const answer = await caller.send(route, { headers: { Authorization: 'Bearer nobody' } });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'no-store']);
  });
});

describe('every route has a rate, and says so', () => {
  test.each(NAMED.filter(([, { access }]) => access !== 'public'))('%s, of the token', async (_, route) => {
    expect((await headOf(route)).headers.get('ratelimit')).toContain('"signed-in";r=');
  });

  const reads = NAMED.filter(([, { access, method }]) => access === 'public' && method === 'get');
  test.each(reads)('%s, of the address, unless it says that it has none', async (_, route) => {
    const told = (await headOf(route)).headers.get('ratelimit-policy') ?? '';
    expect(told.includes('"reads";q=')).toBe(route.isUnlimited !== true);
  });
});
