import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { logIn } from '../fixtures/chat-caller.ts';
import { callDocumented } from '../fixtures/documented-calls.ts';
import { followFeed } from '../fixtures/feed-reader.ts';
import { askedRequest, type AskedRequest } from '../fixtures/isolation/asked-request.ts';
import { bearer, credentialsOf, type TriedCredential } from '../fixtures/isolation/credentials.ts';
import { fillTenant } from '../fixtures/isolation/filled-tenant.ts';
import {
  expectedStatuses,
  foreignThings,
  ROUTES_WITH_IDS,
  TELLS_VISITORS,
  withoutOtherProof,
} from '../fixtures/isolation/foreign-tries.ts';
import { idSlotsOf, type NamedThings } from '../fixtures/isolation/id-slots.ts';
import { tenantRows } from '../fixtures/isolation/tenant-rows.ts';
import { openMailbox, type Mailbox } from '../fixtures/mailbox.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';

let stub: StubModel;
let receiver: WebhookReceiver;
let mailbox: Mailbox;
let product: RunningProduct;
let mine: NamedThings;
let theirs: NamedThings;
let credentials: TriedCredential[];
let theirRows: Record<string, string>;

beforeAll(async () => {
  stub = await startStubModel();
  receiver = await startWebhookReceiver();
  mailbox = await openMailbox();
  // Nobody answers the questions of the tries, so its books stay open.
  product = await startProduct({
    model: { url: stub.url, name: 'stub-0-0-8' },
    keep: false,
    env: { BOB_DATA_DIR: mailbox.dataDir },
  });
  const call = callDocumented(() => product.url, new Set());
  const filling = { url: product.url, knex: product.knex, call, receiverUrl: receiver.url };
  [mine, theirs] = await Promise.all([filled('ours'), filled('theirs')]);
  // From here on nothing changes but by a request.
  await product.stopWorker();
  const operator = await logIn(product.url, { ...ACCOUNTS.operator, path: '/api/auth/login' });
  credentials = credentialsOf(mine, { url: product.url, operator });
  theirRows = await tenantRows(product.knex, theirs.tenantId);

  async function filled(name: string): Promise<NamedThings> {
    const tenant = await fillTenant(filling, name);
    return { ...tenant, cursors: await cursorsOf(tenant.tokens.owner) };
  }
});
afterAll(async () => {
  await product.close();
  await mailbox.remove();
  await receiver.close();
  await stub.stop();
});

const NAMED = ROUTES_WITH_IDS.map((route) => [`${route.method} ${route.path}`, route] as const);
const OF_THE_OPERATOR = new Set(['tenants.manage', 'pricebook.publish', 'platform.read', 'platform.audit']);
/** Emptied a moment after it is filled. */
const EMPTIED = ['ledger_inbox'];

async function cursorsOf(token: string): Promise<string[]> {
  const lists = ROUTES.filter((route) => route.query?.shape['cursor'] !== undefined && route.params === undefined);
  const pages = lists.map(async ({ path }) => {
    const answer = await fetch(`${product.url}${path}?limit=1`, { headers: bearer(token) });
    return ((await answer.json()) as { next_cursor?: string | null }).next_cursor ?? null;
  });
  const cursors = (await Promise.all(pages)).filter((cursor) => cursor !== null);
  expect(cursors.length).toBeGreaterThan(3);
  return cursors;
}

async function send(route: RouteDocument, { path, headers, body }: AskedRequest, beside: Record<string, string>) {
  const answer = await fetch(`${product.url}${path}`, {
    method: route.method.toUpperCase(),
    redirect: 'manual',
    headers: {
      Prefer: 'respond-async',
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
      ...beside,
      ...headers,
    },
    ...(body === null ? {} : { body }),
  });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isStream) await answer.body?.cancel();
  return { status: answer.status, headers: answer.headers, text: isStream ? '' : await answer.text() };
}

/** As JSON, and as a stream where there is one. */
function acceptsOf({ method, responses }: RouteDocument): string[] {
  const isStreamed = Object.values(responses).some(({ mediaTypes = [] }) => mediaTypes.includes('text/event-stream'));
  return method === 'get' && isStreamed ? ['application/json', 'text/event-stream'] : ['application/json'];
}

describe('before anything is tried', () => {
  test('both tenants have a row in every table that belongs to tenants', () => {
    const empty = Object.entries(theirRows).filter(([, rows]) => rows.startsWith('0 rows'));
    expect(empty.map(([table]) => table)).toEqual(EMPTIED);
  });

  test('it is known what to put in every place of the document that may hold an id', () => {
    expect(ROUTES.flatMap((route) => idSlotsOf(route).unknown)).toEqual([]);
  });
});

test.each(NAMED)('%s finds nothing of another tenant, whoever asks', async (_, route) => {
  const { slots } = idSlotsOf(route);
  for (const credential of credentials) {
    if (credential.isOperator && OF_THE_OPERATOR.has(route.access)) continue;
    for (const foreign of foreignThings(route, slots, theirs)) {
      const request = askedRequest(route, { slots, own: mine, foreign });
      const headers = withoutOtherProof(credential.headersFor(route), foreign);
      for (const Accept of acceptsOf(route)) {
        const { status, text } = await send(route, request, { Accept, ...headers });
        const names = [...foreign.keys()].map(({ name }) => name).join(' and ');
        const tried = `${credential.name} with their ${names}: ${request.path} ${request.body} ${text.slice(0, 2000)}`;
        expect(text.includes(theirs.hidden), tried).toBe(false);
        expect(text.includes(theirs.shown) && !TELLS_VISITORS.has(route.operationId), tried).toBe(false);
        expect(expectedStatuses(route, { credential, foreign }), tried).toContain(status);
      }
    }
  }
});

const SPENDING = ROUTES.filter(({ idempotent }) => idempotent === true);

test.each(SPENDING.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s repeats no answer that another tenant got under the same key',
  async (_, route) => {
    const { slots } = idSlotsOf(route);
    const keys = slots.filter(({ name }) => name === 'Idempotency-Key');
    for (const [slot, key] of keys.flatMap((each) => each.valuesOf(theirs).map((value) => [each, value] as const))) {
      const request = askedRequest(route, { slots, own: mine, foreign: new Map([[slot, key]]) });
      const credential = credentials.find((each) => each.refusalOf(route) === null);
      const { status, headers, text } = await send(route, request, credential?.headersFor(route) ?? {});
      expect([status < 500, headers.get('idempotency-replayed'), text.includes(theirs.hidden)]).toEqual([
        true,
        null,
        false,
      ]);
    }
  },
);

test('nothing of theirs has changed', async () => {
  expect(await tenantRows(product.knex, theirs.tenantId)).toEqual(theirRows);
});

test('a feed from its beginning tells of one tenant only', async () => {
  const own = await product.knex('chat_session').where({ tenant_id: mine.tenantId }).pluck<string[]>('id');
  const last = await product.knex('webhook_event').where({ tenant_id: mine.tenantId }).max<{ max: string }[]>('pos');
  const headers = { ...bearer(mine.tokens.owner), 'Last-Event-ID': '0' };
  const feed = await followFeed(`${product.url}/api/sessions/feed`, headers);
  await expect.poll(() => Number(feed.events.at(-1)?.id), { timeout: 10_000 }).toBe(Number(last[0]?.max));
  feed.leave();
  const told = feed.events.flatMap(({ data }) =>
    data['session_id'] === undefined ? [] : [data['session_id'] as string],
  );
  const named = new Set(own.map((id) => `ses_${id.replaceAll('-', '')}`));
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter((id) => !named.has(id))).toEqual([]);
});

/** Else a 404 could mean that such a request never finds anything. What ends something comes last. */
const BY_HARM = NAMED.filter(([, { access }]) => !OF_THE_OPERATOR.has(access)).toSorted(
  ([, one], [, other]) => harmOf(one) - harmOf(other),
);

function harmOf({ method, operationId }: RouteDocument): number {
  const rank = ['get', 'patch', 'put', 'post', 'delete'].indexOf(method);
  return operationId === 'closeSession' ? rank + 0.5 : rank;
}

test.each(BY_HARM)('%s finds what belongs to whoever asks', async (_, route) => {
  const { slots } = idSlotsOf(route);
  const [owner, visitor, page] = ['owner', 'visitor', 'page with a widget key'].map((name) =>
    credentialsOf(theirs, { url: product.url, operator: '' }).find((credential) => credential.name === name),
  );
  const credential = route.isWidget === true ? page : route.access === 'public' ? visitor : owner;
  const request = askedRequest(route, { slots, own: theirs, foreign: new Map() });
  const { status, text } = await send(route, request, credential?.headersFor(route) ?? {});
  const isFound = status < 300 || [409, 410].includes(status);
  expect(isFound, `${request.path} ${request.body} ${status} ${text}`).toBe(true);
});
