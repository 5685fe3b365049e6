import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ProblemBody } from '#contract/common.ts';
import {
  AddedEndpoint,
  AttemptList,
  DeliveryList,
  EndpointList,
  EndpointView,
  EventFeed,
  EventTypeList,
} from '#contract/webhooks.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Role } from '#domain/permissions.ts';
import { emit } from '#models/outbox/emit.ts';
import { stampPositions } from '#models/outbox/stamp-positions.ts';
import { systemClock } from '#platform/clock.ts';
import { readEnv } from '#platform/env.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';
import { messageReceived } from '../../test/fixtures/webhook-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const ENDPOINTS = '/api/webhooks/endpoints';
const HOOK = 'http://127.0.0.1:9999/hook';

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;

interface Customer {
  tenantId: TenantId;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex, { env: readEnv({ WEBHOOK_ALLOW_HOSTS: '127.0.0.1,localhost' }) });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function signIn(role: Role = 'owner'): Promise<Customer> {
  const { tenantId, email } = await insertTenantUser(knex, { role });
  const answer = await fetch(`${api.url}/api/customers/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: TEST_PASSWORD }),
  });
  const { token } = (await answer.json()) as { token: string };
  return {
    tenantId,
    call: (method, path, body, headers = {}) =>
      fetch(`${api.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

async function addEndpoint(customer: Customer, body: object = {}): Promise<AddedEndpoint> {
  const answer = await customer.call('POST', ENDPOINTS, { url: HOOK, ...body });
  expect(answer.status).toBe(201);
  return AddedEndpoint.parse(await answer.json());
}

async function tell(customer: Customer, count: number): Promise<void> {
  const events = Array.from({ length: count }, () => messageReceived());
  const emission = { tenantId: customer.tenantId, sessionId: null, at: systemClock.now(), events };
  await knex.transaction((trx) => emit(trx, emission));
}

async function problemOf(answer: Response): Promise<string> {
  return `${answer.status} ${ProblemBody.parse(await answer.json()).type.replace('/problems/', '')}`;
}

describe('endpoints', () => {
  test('a new one shows its secret once, and no later answer does', async () => {
    const customer = await signIn();
    const { secret, ...added } = await addEndpoint(customer, { description: 'CRM', event_types: ['turn.completed'] });
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    const one = await (await customer.call('GET', `${ENDPOINTS}/${added.id}`)).text();
    const all = await (await customer.call('GET', ENDPOINTS)).text();
    expect(EndpointView.parse(JSON.parse(one))).toEqual(added);
    expect(EndpointList.parse(JSON.parse(all)).data).toEqual([added]);
    expect(one + all).not.toContain('whsec_');
  });

  test('one Idempotency-Key makes one endpoint, and its answer comes again', async () => {
    const customer = await signIn();
    const headers = { 'Idempotency-Key': 'once' };
    const first = await customer.call('POST', ENDPOINTS, { url: HOOK }, headers);
    const again = await customer.call('POST', ENDPOINTS, { url: HOOK }, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.json()).toEqual(await first.json());
    const list = EndpointList.parse(await (await customer.call('GET', ENDPOINTS)).json());
    expect(list.data).toHaveLength(1);
  });

  test('a change sets what it names and leaves the rest', async () => {
    const customer = await signIn();
    const { id } = await addEndpoint(customer, { description: 'CRM', event_types: ['turn.completed'] });
    const url = 'http://localhost:1234/new';
    const changed = await customer.call('PATCH', `${ENDPOINTS}/${id}`, { url });
    expect(await changed.json()).toMatchObject({ url, description: 'CRM', event_types: ['turn.completed'] });
    const cleared = await customer.call('PATCH', `${ENDPOINTS}/${id}`, { event_types: null });
    expect(await cleared.json()).toMatchObject({ url, event_types: null });
  });

  test('where events go is on the audit log, without what may be a secret of the address', async () => {
    const customer = await signIn();
    const { id } = await addEndpoint(customer, { url: `${HOOK}/s3cret?token=s3cret` });
    await customer.call('PATCH', `${ENDPOINTS}/${id}`, { url: 'http://localhost:1234/s3cret', description: 'CRM' });
    await customer.call('PATCH', `${ENDPOINTS}/${id}`, { description: 'CRM' });
    await customer.call('DELETE', `${ENDPOINTS}/${id}`);
    const rows = await knex('audit_event').where({ tenant_id: customer.tenantId, object_id: id }).orderBy('id');
    const [first, second] = ['http://127.0.0.1:9999', 'http://localhost:1234'].map((origin) => ({ origin }));
    expect(rows).toMatchObject([
      { action: 'webhook_endpoint.created', before: null, after: first },
      { action: 'webhook_endpoint.changed', before: first, after: second },
      { action: 'webhook_endpoint.removed', before: second, after: null },
    ]);
    expect(JSON.stringify(rows)).not.toContain('s3cret');
  });

  test('a removed one is gone', async () => {
    const customer = await signIn();
    const { id } = await addEndpoint(customer);
    expect((await customer.call('DELETE', `${ENDPOINTS}/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect(await problemOf(await customer.call(method, `${ENDPOINTS}/${id}`))).toBe('404 not-found');
    }
    expect(await problemOf(await customer.call('PATCH', `${ENDPOINTS}/${id}`, {}))).toBe('404 not-found');
  });

  test('an address off the list is refused with rule and setting, new or changed', async () => {
    const customer = await signIn();
    const { id } = await addEndpoint(customer);
    const url = 'https://example.com/hook';
    const refused = await customer.call('POST', ENDPOINTS, { url });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      type: '/problems/webhook-url-refused',
      rule: 'host_not_allowed',
      setting: 'WEBHOOK_ALLOW_HOSTS',
    });
    expect(await problemOf(await customer.call('PATCH', `${ENDPOINTS}/${id}`, { url }))).toBe(
      '422 webhook-url-refused',
    );
  });

  test('twenty are the limit, also when the last two come at once', async () => {
    const customer = await signIn();
    for (let count = 0; count < 19; count += 1) await addEndpoint(customer);
    const last = await Promise.all([1, 2].map(() => customer.call('POST', ENDPOINTS, { url: HOOK })));
    expect(last.map(({ status }) => `${status}`).toSorted()).toEqual(['201', '409']);
  });
});

describe('who may', () => {
  test("another tenant's endpoint and delivery are not there", async () => {
    const [owner, stranger] = [await signIn(), await signIn()];
    const { id } = await addEndpoint(owner);
    await tell(owner, 1);
    const log = DeliveryList.parse(await (await owner.call('GET', '/api/webhooks/deliveries')).json());
    const attempts = `/api/webhooks/deliveries/${log.data[0]?.id ?? ''}/attempts`;
    for (const path of [`${ENDPOINTS}/${id}`, attempts]) {
      expect(await problemOf(await stranger.call('GET', path))).toBe('404 not-found');
    }
    expect(await problemOf(await stranger.call('PATCH', `${ENDPOINTS}/${id}`, {}))).toBe('404 not-found');
    expect(await problemOf(await stranger.call('DELETE', `${ENDPOINTS}/${id}`))).toBe('404 not-found');
    expect((await owner.call('GET', `${ENDPOINTS}/${id}`)).status).toBe(200);
  });

  test('a viewer reads and changes nothing, an agent sees nothing, a stranger is asked to sign in', async () => {
    const [viewer, agent] = [await signIn('viewer'), await signIn('agent')];
    const reads = [ENDPOINTS, '/api/webhooks/deliveries', '/api/webhooks/event-types', '/api/events'];
    for (const path of reads) {
      expect((await viewer.call('GET', path)).status).toBe(200);
      expect(await problemOf(await agent.call('GET', path))).toBe('403 forbidden');
      expect(await problemOf(await fetch(`${api.url}${path}`))).toBe('401 unauthenticated');
    }
    expect(await problemOf(await viewer.call('POST', ENDPOINTS, { url: HOOK }))).toBe('403 forbidden');
  });
});

describe('what happened', () => {
  test('the log pages through deliveries, newest first, and filters them', async () => {
    const customer = await signIn();
    const [first, second] = [
      await addEndpoint(customer),
      await addEndpoint(customer, { event_types: ['turn.failed'] }),
    ];
    await tell(customer, 5);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await customer.call('GET', `/api/webhooks/deliveries?limit=2${query}`);
      const log = DeliveryList.parse(await page.json());
      seen.push(...log.data.map(({ id }) => id));
      cursor = log.next_cursor;
    }
    expect(seen.map(Number)).toEqual(seen.map(Number).toSorted((left, right) => right - left));
    expect(new Set(seen).size).toBe(5);

    const countOf = async (query: string) => {
      const page = await customer.call('GET', `/api/webhooks/deliveries?${query}`);
      return DeliveryList.parse(await page.json()).data.length;
    };
    expect(await countOf(`endpoint=${first.id}&state=pending`)).toBe(5);
    expect(await countOf(`endpoint=${second.id}`)).toBe(0);
    expect(await countOf('state=delivered')).toBe(0);
    const attempts = await customer.call('GET', `/api/webhooks/deliveries/${seen[0] ?? ''}/attempts`);
    expect(AttemptList.parse(await attempts.json()).data).toEqual([]);
  });

  test.each([
    '/api/webhooks/deliveries?cursor=bm90IG91cnM',
    '/api/webhooks/deliveries?state=lost',
    '/api/events?after=x',
  ])('%s is a fault of the query', async (path) => {
    expect(await problemOf(await (await signIn()).call('GET', path))).toBe('422 invalid-query');
  });

  test("the feed gives the stored bytes, page after page, and only the tenant's own", async () => {
    const [customer, stranger] = [await signIn(), await signIn()];
    await tell(customer, 3);
    await tell(stranger, 1);
    while ((await stampPositions(knex)) > 0);
    const first = await (await customer.call('GET', '/api/events?limit=2')).text();
    const page = EventFeed.parse(JSON.parse(first));
    expect(page.data).toHaveLength(2);
    expect(page.has_more).toBe(true);
    const { rows } = await knex.raw<{ rows: { body: string }[] }>(
      `select body from webhook_event where tenant_id = ? order by no`,
      [customer.tenantId],
    );
    expect(first).toContain(`[${rows[0]?.body ?? ''},${rows[1]?.body ?? ''}]`);
    const second = await (await customer.call('GET', `/api/events?after=${page.next_after}`)).json();
    expect(EventFeed.parse(second)).toMatchObject({ has_more: false, data: [JSON.parse(rows[2]?.body ?? '')] });
    const end = EventFeed.parse(await (await customer.call('GET', '/api/events?after=999999999')).json());
    expect(end).toEqual({ data: [], next_after: 999_999_999, has_more: false });
  });

  test('nothing stands behind a place that no session ever reaches', async () => {
    const beyond = `/api/events?session_id=ses_${'0'.repeat(32)}&after=${Number.MAX_SAFE_INTEGER}`;
    const end = EventFeed.parse(await (await (await signIn()).call('GET', beyond)).json());
    expect(end).toMatchObject({ data: [], has_more: false });
  });

  test('the catalogue has a JSON Schema for every type', async () => {
    const answer = await (await signIn()).call('GET', '/api/webhooks/event-types');
    const { data } = EventTypeList.parse(await answer.json());
    expect(data.map(({ name }) => name)).toContain('usage.recorded');
    for (const { description, schema } of data) {
      expect(description).not.toBe('');
      expect(schema).toMatchObject({ type: 'object', properties: { id: {}, data: {} } });
    }
  });
});
