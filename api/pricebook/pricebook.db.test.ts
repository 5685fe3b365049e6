import { afterAll, beforeAll, expect, it } from 'vitest';

import { CurrentPricebook, PricebookList, PricebookView } from '#contract/pricebook.ts';
import { pricebookHashInput } from '#domain/pricebook/pricebook-hash.ts';
import { canonicalJson } from '#domain/canonical-json.ts';
import type { CanonicalValue } from '#domain/canonical-json.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { fixedClock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const AT = new Date('2026-03-10T12:00:00.000Z');

let database: FreshDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { clock: fixedClock(AT) });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.url}${path}`, { headers });

it('without a published pricebook the answer is 503', async () => {
  expect((await get('/api/pricebook')).status).toBe(503);
  await publishFirstPricebook(database.knex, { at: AT, by: 'test' });
});

it('anyone may read the prices, from any page', async () => {
  const answer = await get('/api/pricebook', { Origin: 'https://elsewhere.example' });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const { current, next } = CurrentPricebook.parse(await answer.json());
  expect(next).toBeNull();
  expect(current.plans[0]).toMatchObject({ key: 'starter', price_cents: 7900, included_credits: '15000.000' });
  expect(current.rates).toContainEqual({
    sku: 'model:openai/gpt-5-mini',
    unit: 'cached_input',
    credits_per_1k: '0.025',
  });
});

it('the hash can be recomputed from the document in the answer', async () => {
  const book = PricebookView.parse(await (await get('/api/pricebook/versions/1')).json());
  expect(book.sha256).toBe('d5d8d31f36db9ac5e15cfd9ba24037fa370eb8e091057e8a1a38fa45952206a4');
  expect(sha256Hex(pricebookHashInput(canonicalJson(book.document as CanonicalValue)))).toBe(book.sha256);
});

it.each(['/api/pricebook', '/api/pricebook/versions', '/api/pricebook/versions/1'])(
  '%s is not sent again while it has not changed',
  async (path) => {
    const etag = (await get(path)).headers.get('etag') ?? '';
    // Named here, since fetch would send no-cache beside a hand-made If-None-Match.
    const again = await get(path, { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  },
);

it('an announced version stands beside the one in force, and the list has both', async () => {
  await database.knex.raw(
    `insert into pricebook_version (version, effective_at, published_at, published_by, sha256, prev_sha256, content)
     select 2, '2026-06-01T00:00:00Z', b.published_at, 'test', 'x', b.sha256, b.content from pricebook_version b`,
  );
  const { current, next } = CurrentPricebook.parse(await (await get('/api/pricebook')).json());
  expect([current.version, next?.version]).toEqual([1, 2]);
  const list = PricebookList.parse(await (await get('/api/pricebook/versions')).json());
  expect(list.data.map((book) => book.version)).toEqual([2, 1]);
});

it.each(['9', '0', 'one', '1.5', '99999999999'])('version %s is not found', async (version) => {
  expect((await get(`/api/pricebook/versions/${version}`)).status).toBe(404);
});
