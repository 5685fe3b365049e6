import { afterAll, beforeAll, expect, test } from 'vitest';

import { Health } from '#contract/health.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  // No Temporal and no model server here: the checks must say so, and say no more.
  api = await startTestApi(database.knex);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

test('health names each part that is down and keeps addresses to itself', async () => {
  const answer = await fetch(`${api.url}/api/health`);
  const text = await answer.text();
  const { status, components } = Health.parse(JSON.parse(text));
  expect([answer.status, status]).toEqual([503, 'down']);
  expect(Object.fromEntries(Object.entries(components).map(([name, { state }]) => [name, state]))).toEqual({
    database: 'ok',
    migrations: 'ok',
    temporal: 'down',
    workers: 'down',
    model: 'degraded',
    webhooks: 'ok',
  });
  expect(text).not.toContain('127.0.0.1');
});

test('a process is not ready while Temporal is away, whatever the model does', async () => {
  const answer = await fetch(`${api.url}/api/health/ready`);
  const { components } = Health.parse(await answer.json());
  expect(answer.status).toBe(503);
  expect(Object.keys(components)).toEqual(['database', 'migrations', 'temporal', 'workers']);
  // Nobody can tell who works there; by itself that would not take this process out of rotation.
  expect(components['workers']).toMatchObject({ state: 'degraded' });
});

test('a database behind the release is down', async () => {
  const behind = await freshDatabase();
  const late = await startTestApi(behind.knex);
  try {
    await behind.knex('knex_migrations').where('name', 'like', '0006%').delete();
    const { components } = Health.parse(await (await fetch(`${late.url}/api/health`)).json());
    expect(components['migrations']).toMatchObject({ state: 'down' });
  } finally {
    await late.close();
    await behind.drop();
  }
});
