import { get } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readEnv } from '#platform/env.ts';

import { callerWith, problemOf, signInUser } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

let database: FreshDatabase;
let open: TestApi;
let guarded: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  open = await startTestApi(database.knex);
  guarded = await startTestApi(database.knex, { env: readEnv({ METRICS_TOKEN: 'of the dashboard' }) });
});
afterAll(async () => {
  await open.close();
  await guarded.close();
  await database.drop();
});

test('without a token this machine reads, and nothing that was forwarded', async () => {
  const answer = await fetch(`${open.url}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  for (const header of ['X-Forwarded-For', 'Forwarded']) {
    const forwarded = await fetch(`${open.url}/metrics`, { headers: { [header]: '127.0.0.1' } });
    expect(await problemOf(forwarded)).toBe('403 forbidden');
  }
});

test('with a token nobody reads without it', async () => {
  expect((await callerWith(guarded.url, 'of the dashboard')('GET', '/metrics')).status).toBe(200);
  expect(await problemOf(await fetch(`${guarded.url}/metrics`))).toBe('401 unauthenticated');
  expect(await problemOf(await callerWith(guarded.url, 'of the dashboar')('GET', '/metrics'))).toBe(
    '401 unauthenticated',
  );
});

test('labels are patterns of routes: ids, queries and wild methods leave no trace', async () => {
  const { call, tenantId, userId, email } = await signInUser({ url: open.url, knex: database.knex });
  const keyId = `key_${'0123456789abcdef'.repeat(2)}`;
  await call('DELETE', `/api/keys/${keyId}`);
  await call('GET', '/api/audit?object=marker_in_query');
  await fetch(`${open.url}/marker-in-path`);
  await new Promise((resolve) =>
    get(`${open.url}/api/keys`, { method: 'PROPFIND' }, (answer) => answer.resume().on('end', resolve)),
  );
  const text = await (await fetch(`${open.url}/metrics`)).text();
  expect(text).toContain('bob_http_requests_total{method="DELETE",route="/api/keys/:id",status="404"} 1');
  expect(text).toContain('method="other"');
  expect(text).toContain('bob_streams_open 0');
  for (const secret of [keyId, tenantId, userId, email, 'marker', 'PROPFIND']) expect(text).not.toContain(secret);
});
