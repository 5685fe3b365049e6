import { runInNewContext } from 'node:vm';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { WidgetInstall, WidgetScriptConfig } from '#contract/widget.ts';
import { hashOfOrigin } from '#domain/widget-page.ts';

import { signInUser, type SignedInCaller } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { buildWidgetTenant, type WidgetTenant } from '../../test/fixtures/widget-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { readBuiltWidget } from './built-widget.ts';

const SHOP = 'https://shop.example';
const SOON = 'public, max-age=300, stale-while-revalidate=86400';
const NOBODY = '00000000-0000-7000-8000-000000000000';

let database: FreshDatabase;
let api: TestApi;
let shop: WidgetTenant;
let owner: SignedInCaller;

beforeAll(async () => {
  database = await freshDatabase();
  const { knex } = database;
  api = await startTestApi(knex);
  shop = await buildWidgetTenant(knex, 'shop', [SHOP]);
  owner = await signInUser({ url: api.url, knex }, { of: shop.tenantId });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers });

async function configOf(name: string): Promise<WidgetScriptConfig> {
  return WidgetScriptConfig.parse(await (await get(`/widget/${name}/config.json`)).json());
}

/** What the script of a tenant hands to the loader, read as a browser would. */
function givenIn(script: string): unknown {
  const call = script.slice(script.lastIndexOf('})(JSON.parse(') + '})('.length, script.lastIndexOf(');'));
  return runInNewContext(call);
}

test('the script of a tenant holds its configuration, which is the one given apart', async () => {
  const answer = await get(`/widget/${shop.tenantId}/widget.js`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  const config = await configOf(shop.tenantId);
  expect(givenIn(await answer.text())).toEqual(config);
  expect(config).toMatchObject({ tenant: shop.tenantId, key: shop.key.key, active: true, name: 'Bob' });
  expect(await configOf(shop.key.key)).toEqual(config);
});

test('the names of a tenant’s other sites do not leave', async () => {
  const text = await (await get(`/widget/${shop.tenantId}/config.json`)).text();
  expect(text).not.toContain('shop.example');
  expect(text).toContain(hashOfOrigin(SHOP));
});

test.each(['</script><script>alert(1)</script>', '<!--', '\u2028\u2029'])('a title %j stays text', async (title) => {
  await owner.call('PATCH', '/api/widget/settings', { texts: { en: { title: `x${title}x` } } });
  const script = await (await get(`/widget/${shop.tenantId}/widget.js`)).text();
  const { loader } = readBuiltWidget();
  const added = script.slice(loader.lastIndexOf('(null)'));
  expect(added).not.toMatch(/[<\u2028\u2029]/);
  expect(givenIn(script)).toMatchObject({ texts: { en: { title: `x${title}x` } } });
});

describe('caching', () => {
  test.each([
    ['widget.js', () => `/widget/${shop.tenantId}/widget.js`],
    ['loader.js', () => '/widget/loader.js'],
    ['config.json', () => `/widget/${shop.key.key}/config.json`],
  ])('%s is asked for anew after five minutes, and not sent twice', async (_name, path) => {
    const first = await get(path());
    expect(first.headers.get('cache-control')).toBe(SOON);
    const etag = first.headers.get('etag') ?? '';
    // Without it fetch asks for a copy past every cache, ours included.
    const second = await get(path(), { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
    expect([second.status, await second.text(), second.headers.get('etag')]).toEqual([304, '', etag]);
  });

  test('the panel is kept for ever under its own address, and shortly under an older one', async () => {
    const { panel, panelHash } = readBuiltWidget();
    const now = await get(`/widget/v/${panelHash}/panel.js`);
    expect([now.headers.get('cache-control'), await now.text()]).toEqual([
      'public, max-age=31536000, immutable',
      panel,
    ]);
    const old = await get('/widget/v/0123456789abcdef/panel.js');
    expect([old.headers.get('cache-control'), await old.text()]).toEqual([SOON, panel]);
  });
});

test.each([
  `/widget/${NOBODY}/widget.js`,
  `/widget/${NOBODY}/config.json`,
  '/widget/nonsense/widget.js',
  `/widget/pk_live_${'A'.repeat(43)}/config.json`,
  '/widget/v/..%2f..%2fpackage.json/panel.js',
])('%s is not there', async (path) => {
  const answer = await get(path);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store']);
});

test('the script of a suspended business is there, and idle', async () => {
  const closed = await buildWidgetTenant(database.knex, 'closed', []);
  await database.knex('tenant').update({ status: 'suspended' }).where({ id: closed.tenantId });
  expect(await configOf(closed.tenantId)).toMatchObject({ active: false });
});

describe('installation', () => {
  const read = async (): Promise<WidgetInstall> =>
    WidgetInstall.parse(await (await owner.call('GET', '/api/widget/install')).json());

  test('the snippets are those of the documents, with the real host', async () => {
    const { snippets, csp, origins } = await read();
    expect(snippets).toEqual({
      canonical: `<script src="${api.url}/widget/${shop.tenantId}/widget.js" async></script>`,
      legacy:
        `<script src="${api.url}/widget/loader.js" data-widget-key="${shop.key.key}" ` +
        'data-position="bottom-right" async></script>',
    });
    expect(csp).toEqual([`script-src ${api.url}`, `connect-src ${api.url}`]);
    expect(origins).toEqual([SHOP]);
  });

  test('a page that asked for the widget and is not listed is named, until it is', async () => {
    const staging = 'https://staging.example';
    for (const page of [staging, SHOP, api.url]) {
      await get(`/widget/${shop.tenantId}/widget.js`, { Referer: `${page}/some/page` });
    }
    expect((await read()).missing_origins).toEqual([staging]);
    await shop.allow(SHOP, staging);
    expect((await read()).missing_origins).toEqual([]);
  });
});
