import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { LoggedIn } from '#contract/auth.ts';
import { ChatAnswer } from '#contract/chat.ts';
import { PersonaView } from '#contract/personas.ts';
import { CurrentPricebook } from '#contract/pricebook.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { callChat } from '../fixtures/chat-caller.ts';
import { findPython, runPython } from '../fixtures/python.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { sendJson } from '../fixtures/send-json.ts';
import { callerWith, type Call } from '../fixtures/signed-in-caller.ts';
import { copiedSnippets, vendorPages } from '../fixtures/vendor-snippets.ts';
import { seedsDir } from '../setup/seeds-dir.ts';

const SITE = 'https://your-customer-site.com';
const QUESTION = 'What does the Pro plan cost?';
const REPLY = expect.stringContaining('249 USD');

const copies = copiedSnippets();
const pages = vendorPages(seedsDir());
/** From the vendor's own files where they are there. */
const snippets = pages[0]?.snippets ?? copies;
const python = await findPython();

let model: OfflineModel;
let product: RunningProduct;
let owner: Call;
let token: string;

// The accounts of the vendor's pages are those of this installation: their log-in bodies need nothing filled in.
beforeAll(async () => {
  const operator = JSON.parse(snippets.operatorLogin) as { email: string; password: string };
  const customer = JSON.parse(snippets.customerLogin) as { email: string; password: string };
  model = await startOfflineModel();
  product = await startProduct({
    model: { url: model.url, name: MODEL_NAME },
    env: {
      BOB_OPERATOR_EMAIL: operator.email,
      BOB_OPERATOR_PASSWORD: operator.password,
      BOB_DEMO_PASSWORD: customer.password,
    },
  });
  token = (await logInWith('/api/customers/auth/login', snippets.customerLogin)).token;
  owner = callerWith(product.url, token);
  await owner('PUT', '/api/widget/origins', { origins: [SITE] });
});
afterAll(async () => {
  await product.close();
  await model.stop();
});

async function logInWith(path: string, body: string): Promise<LoggedIn> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${product.url}${path}`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
  return LoggedIn.parse(await answer.json());
}

async function newWidgetKey(): Promise<string> {
  const made = (await (await owner('POST', '/api/widget/keys', {})).json()) as { key: string };
  return made.key;
}

if (pages.length === 0) {
  test(`SEEDS_DIR holds no pages (${seedsDir()}): only our copies of their snippets run`, ({ skip }) => skip());
}
test.each(pages)('$name says what our copies say', ({ snippets: found }) => {
  const { canonicalTag, loaderTag, ...same } = found;
  expect(same).toEqual({ ...copies, canonicalTag: undefined, loaderTag: undefined });
  expect([copies.canonicalTag, copies.loaderTag]).toContain(canonicalTag ?? loaderTag);
});

test('both log-in bodies sign in, each in its realm', async () => {
  const staff = await logInWith('/api/auth/login', snippets.operatorLogin);
  const customer = await logInWith('/api/customers/auth/login', snippets.customerLogin);
  expect([staff.user.realm, customer.user.realm, customer.tenant.business_id]).toEqual(['operator', 'tenant', 'demo']);
});

test('the message body is taken by all three paths as it stands', async () => {
  const widget = { Origin: SITE, 'X-Widget-Key': await newWidgetKey() };
  const ways = [
    { path: '/api/chat' },
    { path: '/api/widget/chat', headers: widget },
    { path: '/api/chat/message', headers: { Authorization: `Bearer ${token}` } },
  ];
  for (const way of ways) {
    const { status, body } = await callChat(product.url, { ...way, body: snippets.message });
    expect([way.path, status, body.session_id]).toEqual([way.path, 200, 'session_123']);
    expect(body.reply).toMatch(/\S/);
  }
});

test('a stranger who takes the signed-in path is told which one is theirs', async () => {
  const { status, body } = await callChat(product.url, { path: '/api/chat/message', body: snippets.message });
  expect([status, body.detail]).toEqual([401, expect.stringContaining('POST /api/chat')]);
});

test('the widget call runs in a program of a server that names its site', async () => {
  const key = await newWidgetKey();
  const program = [
    `const [sessionId, userMessage] = ${JSON.stringify(['as-a-server', QUESTION])};`,
    snippets.widgetChat.replace('https://office16852.com', product.url).replace('pk_live_...', key),
    'console.log(JSON.stringify([response.status, await response.json()]));',
  ].join('\n');
  const asModule = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, asModule, { timeout: 60_000 });
  const [status, body] = JSON.parse(stdout) as [number, unknown];
  expect([status, ChatAnswer.parse(body)]).toEqual([200, expect.objectContaining({ reply: REPLY })]);
});

test(`the Python call runs with requests${python.without ?? ''}`, async ({ skip }) => {
  if (python.path === null) skip();
  const program = [
    `token, session_id, user_message = ${JSON.stringify([token, 'from-python', QUESTION])}`,
    snippets.pythonChat.replace('https://office16852.com', product.url),
    'print(response.status_code, response.text)',
  ].join('\n');
  const printed = await runPython(String(python.path), program);
  expect(printed.slice(0, 4)).toBe('200 ');
  expect(ChatAnswer.parse(JSON.parse(printed.slice(4)))).toMatchObject({ reply: REPLY, persona: { version: 1 } });
});

test('a persona is made from the four names, and reads back by them', async () => {
  const names = snippets.persona.match(/\w+/g) ?? [];
  const words = Object.fromEntries(names.map((name) => [name, `The ${name} of the mill`]));
  const { status, body } = await sendJson(`${product.url}/api/personas`, {
    body: words,
    headers: { Authorization: `Bearer ${token}` },
  });
  expect([status, body]).toEqual([201, expect.objectContaining(words)]);
  const { id } = PersonaView.parse(body);
  const edited = await owner('PATCH', `/api/personas/${id}`, { ...words, tone: 'dry' });
  expect(await edited.json()).toMatchObject({ ...words, tone: 'dry' });
});

test('the pricebook says what the table of plans says', async () => {
  const { current } = CurrentPricebook.parse(await (await fetch(`${product.url}/api/pricebook`)).json());
  const live = ['starter', 'pro', 'enterprise'].map((key) => current.plans.find((plan) => plan.key === key));
  expect([
    live.map((plan) => Number(plan?.price_cents) / 100),
    live.map((plan) => Number(plan?.included_credits)),
    live.map((plan) => plan?.seats),
    live.map((plan) => plan?.integrations),
  ]).toEqual(snippets.plans);
  expect([current.version, live.map((plan) => plan?.support)]).toEqual([1, ['email', 'priority', 'dedicated']]);
});
