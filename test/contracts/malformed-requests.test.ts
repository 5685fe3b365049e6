import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ProblemBody } from '#contract/common.ts';
import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';

import { bodyOf, callEveryRoute, pathOf, queryNamesOf, type RouteCaller } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let caller: RouteCaller;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
  caller = await callEveryRoute({ url: api.url, knex: database.knex });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const NAMED = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);
const WITH_BODY = NAMED.filter(([, { body }]) => body !== undefined);
const WITH_PARAMS = NAMED.filter(([, { params }]) => params !== undefined);

async function slugOf(answer: Response): Promise<string> {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  return ProblemBody.parse(await answer.json()).type.replace('/problems/', '');
}

const DEEP_LIST = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const DEEP_OBJECT = `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`;
const BODIES: [name: string, body: string, slugs: string[]][] = [
  ['broken JSON', '{"a":', ['malformed-body']],
  ['a text', '"text"', ['malformed-body']],
  ['a number', '1e400', ['malformed-body']],
  ['a list', '[]', ['invalid-body']],
  ['a key twice', '{"a":1,"\\u0061":2}', ['malformed-body']],
  ['the prototype', '{"__proto__":{"a":1}}', ['malformed-body']],
  ['an unknown field', '{"constructor":{"prototype":{}}}', ['invalid-body']],
  ['a deep list', DEEP_LIST, ['invalid-body']],
  ['a deep object', DEEP_OBJECT, ['invalid-body']],
  ['more than 64 KiB', JSON.stringify({ a: 'x'.repeat(64 * 1024) }), ['body-too-large']],
];

/** A widget's caller has to be known before its body is looked at. */
const UNKNOWN_WIDGET = ['origin-not-allowed', 'widget-key-invalid'];

describe('bodies', () => {
  test.each(WITH_BODY)('%s refuses what is no body of its kind', async (_, route) => {
    const unknown = route.isWidget === true ? UNKNOWN_WIDGET : [];
    for (const [name, body, slugs] of BODIES) {
      expect([name, ...slugs, ...unknown]).toContain(await slugOf(await caller.send(route, { body })));
    }
  });

  test.each(WITH_BODY)('%s reads JSON in UTF-8 that is not packed', async (_, route) => {
    const unknown = route.isWidget === true ? UNKNOWN_WIDGET : [];
    const refused = [
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'multipart/form-data; boundary=x' },
      { 'Content-Type': 'application/json; charset=utf-16' },
      { 'Content-Encoding': 'gzip' },
      { 'Content-Encoding': 'br, gzip' },
    ];
    for (const headers of refused) {
      const answer = await caller.send(route, { body: '{}', headers });
      expect(['unsupported-media-type', ...unknown]).toContain(await slugOf(answer));
    }
  });

  test.each(WITH_BODY)('%s survives a field that is deep, long, or of another kind', async (_, route) => {
    const own = bodyOf(route);
    const long = `"${'x'.repeat(60_000)}"`;
    for (const name of Object.keys(own)) {
      const rest = JSON.stringify({ ...own, [name]: undefined }).slice(1, -1);
      const others = rest === '' ? '' : `,${rest}`;
      const values = [DEEP_LIST, DEEP_OBJECT, long, '-1e308', 'null', 'true', '[]', '{}'];
      const bodies = values.map((value) => ({ body: `{"${name}":${value}${others}}` }));
      expect([name, await brokenBy(route, bodies)]).toEqual([name, []]);
    }
  });

  test('a bomb is refused by its label, not by unpacking it', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const answer = await fetch(`${api.url}/api/auth/login`, { method: 'POST', headers, body: bomb });
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect(await slugOf(answer)).toBe('unsupported-media-type');
  });
});

describe('addresses', () => {
  test.each(WITH_PARAMS)(
    '%s: what does not decode is 400, what cannot be an id is no route to anything',
    async (_, route) => {
      for (const part of ['%E0%A4%A', '%', '%ff', '%00']) {
        expect([part, await rawStatus(route.method, pathOf(route, part))]).toEqual([part, 400]);
      }
      for (const part of ['..%2f..%2fetc%2fpasswd', '%F0%9F%92%A9', 'x'.repeat(5000), '%0d%0aSet-Cookie:%20a=b', "'"]) {
        const answer = await caller.send(route, { path: pathOf(route, part) });
        await answer.body?.cancel();
        expect([part, answer.status >= 400 && answer.status < 500]).toEqual([part, true]);
        expect(answer.headers.get('set-cookie')).toBeNull();
      }
    },
  );

  const withQuery = NAMED.filter(([, { query }]) => query !== undefined);
  test.each(withQuery)('%s: a parameter twice, empty, or of any form never breaks it', async (_, route) => {
    const large = ['2147483648', '9007199254740991', '9'.repeat(40)];
    const values = ['', '-1', '1e99', 'NaN', '%F0%9F%92%A9', 'x'.repeat(4000), '[]', ...large];
    for (const name of queryNamesOf(route)) {
      const queries = values.flatMap((value) => [`${name}=${value}&${name}=${value}`, `${name}[$gt]=${value}`]);
      const single = values.map((value) => `${name}=${value}`);
      const paths = [...single, ...queries].map((query) => ({ path: `${pathOf(route)}?${query}` }));
      expect([name, await brokenBy(route, paths)]).toEqual([name, []]);
    }
  });
});

/** Those that our side could not take; 503 says that a part is not there, as in this test none of Temporal is. */
async function brokenBy(route: RouteDocument, requests: readonly { body?: string; path?: string }[]) {
  const answers = requests.map(async (sent) => {
    const answer = await caller.send(route, sent);
    await answer.body?.cancel();
    return { sent: JSON.stringify(sent).slice(0, 80), status: answer.status };
  });
  return (await Promise.all(answers)).filter(({ status }) => status >= 500 && status !== 503);
}

const COUNTED = NAMED.filter(([, { operationId }]) => ['readOwnChat', 'readChatHistory'].includes(operationId));
test.each(COUNTED)('%s refuses a message number that no conversation reaches', async (_, route) => {
  const answer = await caller.send(route, { path: `${pathOf(route)}?session_id=x&after=2147483648` });
  expect(await slugOf(answer)).toBe('invalid-query');
});

describe('what is hardly HTTP', () => {
  test.each([
    ['a line break in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\rSet-Cookie: b=c\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no method that exists', 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('%s is a problem like any other', async (_, request) => {
    const answer = await rawAnswer(request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/application\/problem\+json/);
    expect(answer).toMatch(/"type":"\/problems\/malformed-request"/);
    expect(answer).not.toMatch(/^set-cookie:/im);
  });

  test('headers without end are refused', async () => {
    const answer = await rawAnswer(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 .*headers-too-large/s);
  });

  test.each(['GET //%5c/..// HTTP/1.1', 'GET http://[ HTTP/1.1', 'OPTIONS * HTTP/1.1', 'TRACE / HTTP/1.1'])(
    '%s ends in 4xx',
    async (line) => {
      expect(await rawAnswer(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d /);
    },
  );
});

/** fetch would repair the address before it leaves. */
async function rawStatus(method: string, path: string): Promise<number> {
  const answer = await rawAnswer(`${method.toUpperCase()} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  return Number(answer.split(' ')[1]);
}

function rawAnswer(request: string): Promise<string> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => socket.write(request));
    socket.setEncoding('utf8');
    socket.once('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.once('close', () => resolve(answer));
  });
}
