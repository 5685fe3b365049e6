import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { RotatedWidgetKey, WidgetKeyList, WidgetKeyView, WidgetSettingsView } from '#contract/widget.ts';
import type { TenantId } from '#domain/ids.ts';
import { fixedClock } from '#platform/clock.ts';

import { problemOf, signInUser, type SignedInCaller } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const KEYS = '/api/widget/keys';
const HOUR_MS = 3_600_000;

let database: FreshDatabase;
let api: TestApi;
let owner: SignedInCaller;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { clock });
});

beforeEach(async () => {
  owner = await signInUser({ url: api.url, knex: database.knex });
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function addKey(body?: object): Promise<WidgetKeyView> {
  const answer = await owner.call('POST', KEYS, body);
  expect(answer.status).toBe(201);
  return WidgetKeyView.parse(await answer.json());
}

async function keys(query = ''): Promise<WidgetKeyList> {
  return WidgetKeyList.parse(await (await owner.call('GET', `${KEYS}${query}`)).json());
}

function audited(tenantId: TenantId): Promise<{ action: string }[]> {
  return database.knex('audit_event').select('action', 'object_type').where({ tenant_id: tenantId }).orderBy('id');
}

describe('keys', () => {
  test('a key is made, listed and on the audit log', async () => {
    const key = await addKey({ name: 'Shop' });
    expect(key).toMatchObject({ name: 'Shop', state: 'working', ends_at: null, replaced_by: null });
    expect(key.key).toMatch(/^pk_live_[\w-]{43}$/);
    expect(await keys()).toEqual({ data: [key], next_cursor: null });
    expect(await audited(owner.tenantId)).toEqual([{ action: 'widget_key.created', object_type: 'widget_key' }]);
  });

  test('a rotated key ends with its overlap', async () => {
    const old = await addKey();
    const answer = await owner.call('POST', `${KEYS}/${old.id}/rotate`, { overlap_hours: 2 });
    const rotated = RotatedWidgetKey.parse(await answer.json());
    const endsAt = new Date(clock.now().getTime() + 2 * HOUR_MS).toISOString();
    expect(rotated).toMatchObject({ name: 'Widget', state: 'working', replaces: { id: old.id, ends_at: endsAt } });
    expect(rotated.key).not.toBe(old.key);
    const [, ending] = (await keys()).data;
    expect(ending).toMatchObject({ id: old.id, state: 'ending', ends_at: endsAt, replaced_by: rotated.id });
    expect(await problemOf(await owner.call('POST', `${KEYS}/${old.id}/rotate`))).toBe('409 conflict');
  });

  test.each([
    ['no overlap', 0, 'ended'],
    ['the longest overlap', 720, 'ending'],
  ])('with %s the old key is %s', async (_what, overlap_hours, state) => {
    const old = await addKey();
    expect((await owner.call('POST', `${KEYS}/${old.id}/rotate`, { overlap_hours })).status).toBe(201);
    expect((await keys()).data[1]).toMatchObject({ id: old.id, state });
  });

  test.each([-1, 721, 1.5, '24'])('an overlap of %j hours is refused', async (overlap_hours) => {
    const old = await addKey();
    const answer = await owner.call('POST', `${KEYS}/${old.id}/rotate`, { overlap_hours });
    expect(await problemOf(answer)).toBe('422 invalid-body');
  });

  test('a revoked key ends at once, and once', async () => {
    const key = await addKey();
    for (let times = 0; times < 2; times += 1) {
      expect((await owner.call('DELETE', `${KEYS}/${key.id}`)).status).toBe(204);
    }
    expect((await keys()).data).toMatchObject([{ state: 'ended', ends_at: clock.now().toISOString() }]);
    const actions = (await audited(owner.tenantId)).map(({ action }) => action);
    expect(actions).toEqual(['widget_key.created', 'widget_key.revoked']);
  });

  test('of another tenant there are none', async () => {
    const key = await addKey();
    const stranger = await signInUser({ url: api.url, knex: database.knex });
    expect(await problemOf(await stranger.call('DELETE', `${KEYS}/${key.id}`))).toBe('404 not-found');
    expect(await problemOf(await stranger.call('POST', `${KEYS}/${key.id}/rotate`))).toBe('404 not-found');
    expect(((await (await stranger.call('GET', KEYS)).json()) as WidgetKeyList).data).toEqual([]);
  });

  test('the list goes on page by page', async () => {
    const made = [await addKey(), await addKey(), await addKey()].map(({ id }) => id);
    const first = await keys('?limit=2');
    const second = await keys(`?limit=2&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(made.toReversed());
    expect(second.next_cursor).toBeNull();
  });

  test('there is an end to them', async () => {
    const at = clock.now();
    const rows = Array.from({ length: 50 }, (_, nth) => ({
      tenant_id: owner.tenantId,
      id: `00000000-0000-7000-8000-${String(nth).padStart(12, '0')}`,
      key: `${owner.tenantId}-${nth}`,
      name: 'x',
      created_at: at,
    }));
    await database.knex('widget_key').insert(rows);
    expect(await problemOf(await owner.call('POST', KEYS))).toBe('409 conflict');
    // While the old key ends there would be one more.
    const rotation = `${KEYS}/wky_${rows[0]?.id.replaceAll('-', '')}/rotate`;
    expect(await problemOf(await owner.call('POST', rotation))).toBe('409 conflict');
    expect((await owner.call('POST', rotation, { overlap_hours: 0 })).status).toBe(201);
  });

  test('only who may manage the widget may', async () => {
    const agent = await signInUser({ url: api.url, knex: database.knex }, { of: owner.tenantId, role: 'agent' });
    for (const [method, path] of [
      ['GET', KEYS],
      ['POST', KEYS],
      ['GET', '/api/widget/origins'],
      ['PUT', '/api/widget/origins'],
      ['GET', '/api/widget/settings'],
      ['PATCH', '/api/widget/settings'],
      ['GET', '/api/widget/install'],
    ] as const) {
      expect(await problemOf(await agent.call(method, path))).toBe('403 forbidden');
    }
  });
});

describe('origins', () => {
  test('are kept as browsers write them, each once', async () => {
    const given = [
      'HTTPS://Shop.Example:443',
      'https://shop.example',
      'https://*.bücher.example',
      'http://localhost:3000',
    ];
    const answer = await owner.call('PUT', '/api/widget/origins', { origins: given });
    const origins = ['http://localhost:3000', 'https://*.xn--bcher-kva.example', 'https://shop.example'];
    expect([answer.status, await answer.json()]).toEqual([200, { origins }]);
    expect(await (await owner.call('GET', '/api/widget/origins')).json()).toEqual({ origins });
  });

  test('each wrong one is named', async () => {
    const given = ['https://fine.example', 'https://shop.example/path', 'http://shop.example', 'https://*.com'];
    const answer = await owner.call('PUT', '/api/widget/origins', { origins: given });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [
        { pointer: '/origins/1', detail: expect.stringContaining('no path') },
        { pointer: '/origins/2', detail: expect.stringContaining('https') },
        { pointer: '/origins/3', detail: expect.stringContaining('two labels') },
      ],
    });
    expect(await (await owner.call('GET', '/api/widget/origins')).json()).toEqual({ origins: [] });
  });

  test('a hundred are taken, one more is not', async () => {
    const many = Array.from({ length: 101 }, (_, nth) => `https://s${nth}.example`);
    expect((await owner.call('PUT', '/api/widget/origins', { origins: many.slice(1) })).status).toBe(200);
    expect(await problemOf(await owner.call('PUT', '/api/widget/origins', { origins: many }))).toBe('422 invalid-body');
  });

  test('a change is on the audit log, the same list again is not', async () => {
    for (const origins of [['https://a.example'], ['https://a.example'], []]) {
      expect((await owner.call('PUT', '/api/widget/origins', { origins })).status).toBe(200);
    }
    const changes = await database.knex('audit_event').select('before', 'after').where({ tenant_id: owner.tenantId });
    expect(changes).toEqual([
      { before: { origins: [] }, after: { origins: ['https://a.example'] } },
      { before: { origins: ['https://a.example'] }, after: { origins: [] } },
    ]);
  });
});

test('settings change field by field', async () => {
  const first = WidgetSettingsView.parse(await (await owner.call('GET', '/api/widget/settings')).json());
  expect(first).toMatchObject({ position: 'bottom-right', consent: 'none', changed_at: null });
  const change = { accent: '#FFD400', texts: { nl: { title: 'Winkel' } } };
  const answer = await owner.call('PATCH', '/api/widget/settings', change);
  expect(await answer.json()).toMatchObject({ accent: '#FFD400', texts: { nl: { title: 'Winkel', greeting: null } } });
  const back = await owner.call('PATCH', '/api/widget/settings', { accent: null, texts: null });
  expect(await back.json()).toEqual({ ...first, changed_at: clock.now().toISOString() });
  const wrong = { accent: 'red', position: 'top', texts: { de: {} } };
  expect(await problemOf(await owner.call('PATCH', '/api/widget/settings', wrong))).toBe('422 invalid-body');
});
