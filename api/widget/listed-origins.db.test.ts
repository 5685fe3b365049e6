import { afterAll, beforeAll, expect, test } from 'vitest';

import { fixedClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';

import { buildWidgetTenant, type WidgetTenant } from '../../test/fixtures/widget-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createListedOrigins } from './listed-origins.ts';

const SHOP = 'https://shop.example';

let database: FreshDatabase;
let shop: WidgetTenant;

beforeAll(async () => {
  database = await freshDatabase();
  shop = await buildWidgetTenant(database.knex, 'shop', [SHOP]);
});

afterAll(() => database.drop());

test('a yes is known for five seconds, a no is asked again', async () => {
  const clock = fixedClock(new Date('2026-03-11T00:00:00Z'));
  const isListed = createListedOrigins({ knex: database.knex, clock });
  expect([await isListed(SHOP), await isListed('https://late.example')]).toEqual([true, false]);
  await shop.allow('https://late.example');
  expect([await isListed(SHOP), await isListed('https://late.example')]).toEqual([true, true]);
  clock.moveBy(5000);
  expect([await isListed(SHOP), await isListed('https://late.example')]).toEqual([false, true]);
});

test('a page known before can read that the database is away', async () => {
  await shop.allow(SHOP);
  const clock = fixedClock(new Date('2026-03-11T00:00:00Z'));
  const knex = openDatabase({ url: database.url, applicationName: 'bob-away', poolMax: 1 });
  const isListed = createListedOrigins({ knex, clock });
  expect(await isListed(SHOP)).toBe(true);
  await knex.destroy();
  clock.moveBy(60_000);
  expect(await isListed(SHOP)).toBe(true);
  await expect(isListed('https://other.example')).rejects.toThrow();
});
