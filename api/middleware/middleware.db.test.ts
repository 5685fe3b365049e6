import { Router } from '@koa/router';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { LoggedIn } from '#contract/auth.ts';
import { ProblemBody } from '#contract/common.ts';
import { Problem } from '#contract/problems.ts';
import { fixedClock } from '#platform/clock.ts';
import { readEnv } from '#platform/env.ts';
import { createLogger } from '#platform/logger.ts';
import { createMailer } from '#platform/mail.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { authRoutes } from '../auth/routes.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { authenticate } from './authenticate.ts';
import { idempotent } from './idempotent.ts';
import { requirePermission } from './require-permission.ts';
import { sameOriginOnly } from './same-origin-only.ts';
import { validateBody } from './validate-body.ts';

const Order = z.strictObject({ article: z.string(), count: z.number().optional() });
type Order = z.infer<typeof Order>;

let database: FreshDatabase;
let api: TestApi;
let tokens: { owner: string; agent: string };
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));
/** What the handler does when it is really run. */
let runs = 0;
let handle: () => Promise<unknown> = async () => ({ made: runs });

function orderRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  router.post<SignedInState & BodyState<Order>>(
    '/orders',
    authenticate(),
    requirePermission('billing.manage'),
    validateBody(Order),
    idempotent(),
    async (ctx) => {
      runs += 1;
      ctx.status = 201;
      ctx.body = await handle();
    },
  );
  router.get('/own', sameOriginOnly(), async (ctx) => {
    await ctx.state.timing.measure('work', () => Promise.resolve());
    ctx.body = {};
  });
  return router;
}

beforeAll(async () => {
  database = await freshDatabase();
  const { knex } = database;
  const env = readEnv({});
  const mailer = createMailer({ env, clock, logger: createLogger({ level: 'silent' }) });
  const auth = authRoutes({ knex, clock, env, mailer });
  api = await startTestApi(knex, { clock, routers: [auth, orderRoutes()] });
  tokens = { owner: await tokenOf('owner'), agent: await tokenOf('agent') };
});

beforeEach(() => {
  runs = 0;
  handle = async () => ({ made: runs });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function tokenOf(role: 'owner' | 'agent'): Promise<string> {
  const { email } = await insertTenantUser(database.knex, { role });
  const answer = await fetch(`${api.url}/api/customers/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: TEST_PASSWORD }),
  });
  return LoggedIn.parse(await answer.json()).token;
}

function order(key: string | null, body: string, token = tokens.owner): Promise<Response> {
  return fetch(`${api.url}/orders`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
      ...(key === null ? {} : { 'Idempotency-Key': key }),
    },
    body,
  });
}

async function slugOf(answer: Response): Promise<string> {
  return ProblemBody.parse(await answer.json()).type.replace('/problems/', '');
}

test('a role without the permission is told which one is missing', async () => {
  const answer = await order(null, '{"article":"x"}', tokens.agent);
  expect(ProblemBody.parse(await answer.json())).toMatchObject({ status: 403, permission: 'billing.manage' });
  expect(runs).toBe(0);
});

test('the same key and body give the first answer again, whatever the order of the fields', async () => {
  const first = await order('k-same', '{"article":"x","count":1}');
  const again = await order('k-same', '{"count":1,"article":"x"}');
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
  expect(await again.text()).toBe(await first.text());
  expect(runs).toBe(1);
});

test('the same key with another body is refused', async () => {
  await order('k-other', '{"article":"x"}');
  expect(await slugOf(await order('k-other', '{"article":"y"}'))).toBe('idempotency-mismatch');
});

test('an empty key is refused: whoever sends it counts on one', async () => {
  expect(await slugOf(await order('', '{"article":"x"}'))).toBe('invalid-header');
  expect(runs).toBe(0);
});

test('sixteen requests with one key at once run once', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  handle = async () => {
    await gate;
    return { made: runs };
  };
  const answers = Array.from({ length: 16 }, () => order('k-burst', '{"article":"x"}'));
  const early = await Promise.race(answers);
  expect(await slugOf(early)).toBe('idempotency-running');
  open();
  const statuses = (await Promise.all(answers)).map(({ status }) => status).filter((status) => status !== 409);
  expect(statuses.every((status) => status === 201)).toBe(true);
  expect(runs).toBe(1);
});

test('a refused request gives its key back', async () => {
  handle = () => Promise.reject(new Problem('conflict', { detail: 'Not now.' }));
  expect(await slugOf(await order('k-refused', '{"article":"x"}'))).toBe('conflict');
  handle = async () => ({ made: runs });
  expect((await order('k-refused', '{"article":"x"}')).status).toBe(201);
});

test('a key whose request died is free again after a minute', async () => {
  const { promise: never } = Promise.withResolvers<unknown>();
  handle = () => never;
  const controller = new AbortController();
  const dead = fetch(`${api.url}/orders`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${tokens.owner}`,
      'Idempotency-Key': 'k-dead',
    },
    body: '{"article":"x"}',
    signal: controller.signal,
  }).catch(() => null);
  await expect.poll(() => runs).toBe(1);
  controller.abort();
  await dead;
  handle = async () => ({ made: runs });
  expect((await order('k-dead', '{"article":"x"}')).status).toBe(409);
  clock.moveBy(61_000);
  expect((await order('k-dead', '{"article":"x"}')).status).toBe(201);
});

test('kept answers are encrypted: one may hold a secret', async () => {
  handle = async () => ({ secret: 'marker-of-a-secret' });
  expect(await (await order('k-secret', '{"article":"x"}')).text()).toContain('marker-of-a-secret');
  const rows = await database.knex('idempotency_key').select('body');
  expect(JSON.stringify(rows)).not.toContain('marker-of-a-secret');
  expect(await (await order('k-secret', '{"article":"x"}')).text()).toContain('marker-of-a-secret');
});

test('a key with other than visible ASCII is refused before any work', async () => {
  expect(await slugOf(await order('two words', '{"article":"x"}'))).toBe('invalid-header');
  expect(await slugOf(await order('x'.repeat(129), '{"article":"x"}'))).toBe('invalid-header');
  expect(runs).toBe(0);
});

test('an error nobody expected tells the caller nothing but a request id', async () => {
  handle = () => Promise.reject(new Error('marker of an inner fault'));
  const answer = await order(null, '{"article":"x"}');
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(text).not.toContain('marker');
  expect(text).toContain('/problems/internal');
});

test('a route for our own pages refuses other origins and lets servers pass, with its timing', async () => {
  const foreign = await fetch(`${api.url}/own`, { headers: { Origin: 'https://elsewhere.example' } });
  expect(await slugOf(foreign)).toBe('origin-not-allowed');
  expect((await fetch(`${api.url}/own`, { headers: { Origin: 'null' } })).status).toBe(403);
  const own = await fetch(`${api.url}/own`, { headers: { Origin: api.url } });
  expect([own.status, (await fetch(`${api.url}/own`)).status]).toEqual([200, 200]);
  expect(own.headers.get('server-timing')).toMatch(/^work;dur=\d+\.\d$/);
});
