import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PROBLEMS } from '#contract/problems.ts';
import { openDatabase } from '#platform/database.ts';

import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';
import { startTestApi, type TestApi } from '../test/fixtures/start-test-api.ts';
import { escapeHtml } from './html-page.ts';

let database: FreshDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const LOGIN = '/api/auth/login';

function post(path: string, body: string, contentType = 'application/json'): Promise<Response> {
  return fetch(`${api.url}${path}`, { method: 'POST', headers: { 'Content-Type': contentType }, body });
}

async function expectProblem(answer: Response, { status, slug }: { status: number; slug: string }) {
  const problem = (await answer.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ type: `/problems/${slug}`, status });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(problem['request_id']).toBe(answer.headers.get('x-request-id'));
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return problem;
}

describe('every fault of a request is a problem', () => {
  test.each([
    ['broken JSON', '{"email":', 'malformed-body', 400],
    ['a JSON text that is no object', '"hello"', 'malformed-body', 400],
    ['a key that stands twice', '{"email":"a@b.cd","email":"c@d.ef","password":"x"}', 'malformed-body', 400],
    ['a key that reaches the prototype', '{"__proto__":{"email":"a@b.cd"}}', 'malformed-body', 400],
    ['an array', '[]', 'invalid-body', 422],
    ['a body over 64 KiB', JSON.stringify({ email: 'x'.repeat(65 * 1024) }), 'body-too-large', 413],
    ['NUL in a text', '{"email":"a@b.cd","password":"x\\u0000"}', 'invalid-body', 422],
    ['half a surrogate pair', '{"email":"a@b.cd","password":"\\ud800"}', 'invalid-body', 422],
  ])('%s', async (_name, body, slug, status) => {
    await expectProblem(await post(LOGIN, body), { status, slug });
  });

  test('all faults of a body come at once, unknown fields among them', async () => {
    const problem = await expectProblem(await post(LOGIN, '{"email":"nobody","remember/me":1}'), {
      status: 422,
      slug: 'invalid-body',
    });
    const pointers = (problem['errors'] as { pointer: string }[]).map((fault) => fault.pointer);
    expect(pointers.toSorted()).toEqual(['/email', '/password', '/remember~1me']);
  });

  test('a form is not JSON', async () => {
    const answer = await post(LOGIN, 'email=a', 'application/x-www-form-urlencoded');
    await expectProblem(answer, { status: 415, slug: 'unsupported-media-type' });
  });

  test('an unknown route', async () => {
    await expectProblem(await fetch(`${api.url}/api/nothing`), { status: 404, slug: 'not-found' });
  });

  test('a wrong method, with the ones that work', async () => {
    const answer = await fetch(`${api.url}/api/health/ready`, { method: 'DELETE' });
    expect(answer.headers.get('allow')).toBe('HEAD, GET');
    await expectProblem(answer, { status: 405, slug: 'method-not-allowed' });
  });

  test.each(['/problems/%E0%A4%A', '/problems/%', '/problems/%00', '/problems?x=%ff'])(
    'percent-encoding that does not decode: %s',
    async (path) => {
      expect(await rawStatus(path)).toBe(400);
    },
  );
});

/** fetch would repair the address before it leaves. */
function rawStatus(path: string): Promise<number> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });
    socket.once('error', reject);
    socket.once('data', (chunk: Buffer) => {
      resolve(Number(chunk.toString('utf8').split(' ')[1]));
      socket.destroy();
    });
  });
}

test('the type of each problem leads to a page, and the list of them to all', async () => {
  const list = await (await fetch(`${api.url}/problems`)).text();
  for (const [slug, { title }] of Object.entries(PROBLEMS)) {
    expect(list).toContain(`href="/problems/${slug}"`);
    const page = await fetch(`${api.url}/problems/${slug}`);
    expect([slug, page.status, page.headers.get('content-type')]).toEqual([slug, 200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain(`<h1>${escapeHtml(title)}</h1>`);
  }
});

test('a request id comes back when it is harmless, and is replaced otherwise', async () => {
  const kept = await fetch(`${api.url}/`, { headers: { 'X-Request-Id': 'order-7.a_b' } });
  expect(kept.headers.get('x-request-id')).toBe('order-7.a_b');
  const replaced = await fetch(`${api.url}/`, { headers: { 'X-Request-Id': 'a b<script>' } });
  expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('other origins get no preflight, except for what is open to everybody', async () => {
  const headers = { Origin: 'https://elsewhere.example', 'Access-Control-Request-Method': 'POST' };
  const refused = await fetch(`${api.url}${LOGIN}`, { method: 'OPTIONS', headers });
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  await expectProblem(refused, { status: 403, slug: 'origin-not-allowed' });
  const open = await fetch(`${api.url}/openapi.json`, { method: 'OPTIONS', headers });
  expect([open.status, open.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});

test('pages have a policy that loads nothing from elsewhere, and no upgrade on plain http', async () => {
  const policy = (await fetch(`${api.url}/`)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('upgrade-insecure-requests');
});

test('a database that is away is 503 with Retry-After', async () => {
  const knex = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nothing', applicationName: 'bob-test', poolMax: 1 });
  const cut = await startTestApi(knex);
  try {
    const answer = await fetch(`${cut.url}/api/auth/me`, {
      headers: { Authorization: `Bearer bob_at_${'a'.repeat(43)}` },
    });
    expect(answer.headers.get('retry-after')).toBe('2');
    await expectProblem(answer, { status: 503, slug: 'unavailable' });
  } finally {
    await cut.close();
    await knex.destroy();
  }
});
