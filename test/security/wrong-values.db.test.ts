import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ProblemBody } from '#contract/common.ts';
import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';

import {
  bodyFieldsOf,
  isBounded,
  isTextField,
  withValue,
  wrongKindsFor,
  wrongSizesFor,
  type BodyField,
} from '../fixtures/isolation/field-values.ts';
import { bodyOf, callEveryRoute, pathOf, type RouteCaller } from '../fixtures/route-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { buildWidgetTenant } from '../fixtures/widget-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

const PAGE = 'https://shop.example';

let database: FreshDatabase;
let api: TestApi;
let caller: RouteCaller;
let page: Record<string, string>;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex);
  caller = await callEveryRoute({ url: api.url, knex: database.knex });
  const { key } = await buildWidgetTenant(database.knex, 'shop', [PAGE]);
  page = { 'X-Widget-Key': key.key, Origin: PAGE };
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const WITH_BODY = ROUTES.filter((route) => bodyFieldsOf(route).length > 0).map(
  (route) => [`${route.method} ${route.path}`, route] as const,
);
/** What a page likes to say about itself. */
const TAKES_ANYTHING = '/context/data';

/** There whatever would break a line of a mail or a list becomes a space. */
const CLEANS_NAMES = new Set([
  'signUp',
  'acceptInvite',
  'addToTeam',
  'inviteMember',
  'changeMember',
  'createApiKey',
  'changeTenant',
  'addTenant',
]);

const UNSTORABLE = ['"\\u0000"', '"a\\ud800b"', '"\\udc00"'];

/** Within the 64 KiB, and beyond. */
const MANY_KEYS = bodyOfKeys(2000);
const TOO_LARGE = [
  bodyOfKeys(100_000),
  `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  bodyOfLength(64 * 1024 + 1),
];

function bodyOfKeys(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1])));
}

function bodyOfLength(bytes: number): string {
  return `{"a":"${'x'.repeat(bytes - 8)}"}`;
}

interface Refusal {
  status: number;
  slug: string;
  pointers: string[];
}

async function send(route: RouteDocument, body: string): Promise<Refusal> {
  const answer = await caller.send(route, { body, headers: route.isWidget === true ? page : {} });
  const text = await answer.text();
  if (answer.status < 400) return { status: answer.status, slug: '', pointers: [] };
  const { type, errors = [] } = ProblemBody.parse(JSON.parse(text));
  return {
    status: answer.status,
    slug: type.replace('/problems/', ''),
    pointers: errors.map(({ pointer }) => pointer),
  };
}

/** Refused because of this field, with its place told. */
async function expectFault(route: RouteDocument, { pointer }: BodyField, json: string): Promise<void> {
  const body = JSON.stringify(withValue(bodyOf(route), pointer, 'HERE')).replace('"HERE"', json);
  const { status, slug, pointers } = await send(route, body);
  const tried = `${pointer} = ${json.slice(0, 60)}: ${status} ${slug} ${pointers.join(' ')}`;
  expect([status, slug], tried).toEqual([422, 'invalid-body']);
  // A list or an object that is wrong is told as a whole, or by what is wrong in it.
  expect(
    pointers.some((each) => each.startsWith(pointer) || pointer.startsWith(each)),
    tried,
  ).toBe(true);
}

function fieldsOf(route: RouteDocument): BodyField[] {
  return bodyFieldsOf(route).filter(({ pointer }) => !pointer.startsWith(TAKES_ANYTHING));
}

describe('one field at a time is refused with its place', () => {
  test.each(WITH_BODY)('%s: a value of another kind', async (_, route) => {
    for (const field of fieldsOf(route)) {
      for (const value of wrongKindsFor(field)) await expectFault(route, field, JSON.stringify(value));
    }
  });

  test.each(WITH_BODY)('%s: too small, too large, or none of those that are named', async (_, route) => {
    for (const field of fieldsOf(route)) {
      for (const value of wrongSizesFor(field)) await expectFault(route, field, JSON.stringify(value));
    }
  });

  test.each(WITH_BODY)('%s: a NUL, or half a character', async (_, route) => {
    for (const field of fieldsOf(route).filter(isTextField)) {
      for (const json of UNSTORABLE) await expectFault(route, field, json);
      const isCleaned = CLEANS_NAMES.has(route.operationId) && field.pointer.endsWith('name');
      if (!isCleaned) await expectFault(route, field, '"a\\u0000b"');
    }
  });
});

describe('all that is wrong is told at once', () => {
  test.each(WITH_BODY)('%s', async (_, route) => {
    const tops = fieldsOf(route).filter(({ pointer }) => pointer.lastIndexOf('/') === 0);
    const wrong = tops.map((field) => [field.pointer.slice(1), wrongKindsFor(field)[0]]);
    const body = { ...Object.fromEntries(wrong), 'no/such~field': 1, another: 2 };
    const { status, pointers } = await send(route, JSON.stringify(body));
    expect(status).toBe(422);
    const expected = [...tops.map(({ pointer }) => pointer), '/no~1such~0field', '/another'];
    expect(pointers.toSorted()).toEqual(expected.toSorted());
  });
});

describe('what has no end', () => {
  test.each(WITH_BODY)('%s: every text has a length at which it is refused', async (_, route) => {
    const unbounded = fieldsOf(route).filter((field) => isTextField(field) && !isBounded(field));
    for (const field of unbounded) await expectFault(route, field, JSON.stringify('x'.repeat(50_000)));
  });

  test.each(WITH_BODY)('%s: a body of many keys, of many brackets, or of more than 64 KiB', async (_, route) => {
    expect(await send(route, MANY_KEYS)).toMatchObject({ status: 422, slug: 'invalid-body' });
    for (const body of TOO_LARGE) {
      expect(await send(route, body)).toMatchObject({ status: 413, slug: 'body-too-large' });
    }
    const exact = await send(route, bodyOfLength(64 * 1024));
    expect(exact).toMatchObject({ status: 422, pointers: expect.arrayContaining(['/a']) });
  });

  test.each(ROUTES.filter(({ query }) => query !== undefined).map(({ path, method, query }) => [method, path, query]))(
    '%s %s: numbers that are none, or too many',
    async (method, path) => {
      const route = ROUTES.find((each) => each.path === path && each.method === method);
      if (route === undefined) throw new Error('it was there a moment ago');
      for (const name of ['limit', 'after', 'after_seq'].filter((each) => route.query?.shape[each] !== undefined)) {
        for (const value of ['x', '-1', '1.5', '1e400', '9'.repeat(30), '0x10', '']) {
          const asked = `${pathOf(route)}?session_id=x&${name}=${encodeURIComponent(value)}`;
          const answer = await caller.send(route, { path: asked, headers: route.isWidget === true ? page : {} });
          await answer.body?.cancel();
          expect([name, value, answer.status < 500]).toEqual([name, value, true]);
        }
      }
    },
  );
});
