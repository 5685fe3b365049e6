import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { systemClock } from '#platform/clock.ts';

import { bodyOf, callEveryRoute, type RouteCaller } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let caller: RouteCaller;

beforeAll(async () => {
  database = await freshDatabase();
  await publishFirstPricebook(database.knex, { at: systemClock.now(), by: 'test' });
  api = await startTestApi(database.knex);
  caller = await callEveryRoute({ url: api.url, knex: database.knex });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** A page that might be one: which it is, is looked up later. */
const PAGE = { Origin: 'https://shop.example', 'X-Widget-Key': `pk_live_${'A'.repeat(43)}` };

test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s: has a rate where its document says so, and tells it',
  async (_, route) => {
    const body = route.body === undefined ? {} : { body: JSON.stringify(bodyOf(route)) };
    const answer = await caller.send(route, { ...body, headers: route.isWidget === true ? PAGE : {} });
    await answer.body?.cancel();
    const told = answer.headers.get('ratelimit') !== null;
    expect([answer.status, told]).toEqual([answer.status, route.isUnlimited !== true]);
  },
);
