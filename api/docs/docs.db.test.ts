import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import { openapiPath } from '#contract/openapi.ts';
import { PROBLEMS } from '#contract/problems.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let page: string;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
  page = await (await fetch(`${api.url}/docs`)).text();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

test('the reference shows every route, and each entry of its contents leads somewhere', () => {
  for (const { method, path, operationId } of ROUTES) {
    expect(page).toContain(`<section class="route" id="${operationId}">`);
    expect(page).toContain(`${method.toUpperCase()} ${openapiPath(path)}</code></a></li>`);
  }
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
  expect(targets.length).toBeGreaterThan(ROUTES.length);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
});

test('it names only problems that have a page', () => {
  const slugs = new Set([...page.matchAll(/href="\/problems\/([^"]+)"/g)].map(([, slug]) => slug));
  expect([...slugs].filter((slug) => !Object.hasOwn(PROBLEMS, slug ?? ''))).toEqual([]);
  expect(slugs.size).toBeGreaterThan(10);
});

test('it needs no script and nothing from elsewhere, and its style sheet is there', async () => {
  expect(page).not.toMatch(/<script| on\w+=| style=|<style/);
  const loaded = [...page.matchAll(/<(?:link|img|iframe|object)[^>]+(?:href|src)="([^"]+)"/g)].map(([, from]) => from);
  expect(loaded).toEqual(['/docs/reference.css']);
  const sheet = await fetch(`${api.url}/docs/reference.css`);
  expect(sheet.headers.get('content-type')).toContain('text/css');
  expect(await sheet.text()).not.toMatch(/url\(|@import/);
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '');
  expect(links.filter((href) => !/^[#/]/.test(href))).toEqual([]);
});

test('every element that is opened is closed', () => {
  const open: string[] = [];
  for (const [, close, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (['meta', 'link', 'br'].includes(name)) continue;
    if (close === '/') expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
});

test('an example shows how its caller proves who it is', () => {
  const exampleOf = (operationId: string) =>
    /<pre><code>(.*?)<\/code>/s.exec(page.split(`id="${operationId}"`)[1] ?? '')?.[1];
  expect(exampleOf('chat')).toMatch(/^curl -X POST &quot;\$BOB_URL\/api\/chat&quot;/);
  expect(exampleOf('chat')).not.toContain('$BOB_TOKEN');
  expect(exampleOf('editPersona')).toContain('Authorization: Bearer $BOB_TOKEN');
  expect(exampleOf('chatOverWidget')).toContain('X-Widget-Key: $BOB_WIDGET_KEY');
});
