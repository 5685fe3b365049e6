import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildOpenapi, openapiPath } from '#contract/openapi.ts';
import { ROUTES } from '#contract/routes/index.ts';
import { createMetrics } from '#platform/metrics.ts';

import { routersOf } from '../../api/routers.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

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

test('the document describes every route the server has, and no other', () => {
  // With metrics of their own: each figure has its name once, and the running API has registered them.
  const served = routersOf({ ...api.deps, metrics: createMetrics() })
    .flatMap((router) => router.stack)
    .flatMap((layer) =>
      layer.methods.filter((method) => METHODS.includes(method)).map((method) => `${method} ${String(layer.path)}`),
    );
  const described = ROUTES.map((route) => `${route.method.toUpperCase()} ${route.path}`);
  expect(described.toSorted()).toEqual(served.toSorted());
});

test('each operation has its own id', () => {
  const ids = ROUTES.map((route) => route.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the document served is the one the schemas make', async () => {
  const served: unknown = await (await fetch(`${api.url}/openapi.json`)).json();
  expect(served).toEqual(JSON.parse(JSON.stringify(buildOpenapi({ version: packageJson.version }))));
});

test('nobody gets past a route that asks for sign-in', async () => {
  for (const route of ROUTES.filter(({ access }) => access !== 'public')) {
    const path = openapiPath(route.path).replaceAll(/\{\w+\}/g, 'x');
    const answer = await fetch(`${api.url}${path}`, { method: route.method.toUpperCase() });
    expect([route.operationId, answer.status]).toEqual([route.operationId, 401]);
  }
});
