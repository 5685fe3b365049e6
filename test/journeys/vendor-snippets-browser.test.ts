import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LoggedIn } from '#contract/auth.ts';
import { ChatAnswer } from '#contract/chat.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { launchChromium, noChromium, openPage, startSite, type Site } from '../fixtures/chromium.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { sendJson } from '../fixtures/send-json.ts';
import { callerWith } from '../fixtures/signed-in-caller.ts';
import { copiedSnippets, vendorPages } from '../fixtures/vendor-snippets.ts';
import { seedsDir } from '../setup/seeds-dir.ts';

const QUESTION = 'What does the Pro plan cost?';
const REPLY = expect.stringContaining('249 USD');

const copies = copiedSnippets();
const pages = vendorPages(seedsDir()).map(({ snippets }) => snippets);
/** From the vendor's own files where they are there; no page holds both tags. */
const snippets = {
  ...(pages[0] ?? copies),
  canonicalTag: pages.find((page) => page.canonicalTag !== null)?.canonicalTag ?? copies.canonicalTag ?? '',
  loaderTag: pages.find((page) => page.loaderTag !== null)?.loaderTag ?? copies.loaderTag ?? '',
};

let model: OfflineModel;
let product: RunningProduct;
let browser: Browser;
let first: Site;
let second: Site;
let stranger: Site;
let token: string;
let tenantId: string;
let key: string;

const skipped = noChromium === null ? '' : `: skipped, ${noChromium}`;
describe.skipIf(noChromium !== null)(`in a browser${skipped}`, () => {
  beforeAll(async () => {
    model = await startOfflineModel();
    product = await startProduct({ model: { url: model.url, name: MODEL_NAME } });
    [first, second, stranger] = await Promise.all([
      startSite('localhost'),
      startSite('127.0.0.1'),
      startSite('localhost'),
    ]);
    const login = await sendJson(`${product.url}/api/customers/auth/login`, { body: ACCOUNTS.demo });
    const signedIn = LoggedIn.parse(login.body);
    token = signedIn.token;
    tenantId = signedIn.tenant.id;
    const owner = callerWith(product.url, token);
    key = ((await (await owner('POST', '/api/widget/keys', {})).json()) as { key: string }).key;
    await owner('PUT', '/api/widget/origins', { origins: [first.origin, second.origin] });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([first.close(), second.close(), stranger.close()]);
    await product.close();
    await model.stop();
  });

  /** The snippet as it stands, below the names that it expects of its page. */
  async function runIn(page: Page, snippet: string, sessionId: string): Promise<[status: number, body: unknown]> {
    const names = { sessionId, userMessage: QUESTION, token };
    const given = Object.entries(names).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
    const answer = snippet.includes('const data') ? 'data' : 'await response.json()';
    const program = `(async () => {\n${given.join('\n')}\n${snippet}\nreturn [response.status, ${answer}];\n})()`;
    return page.evaluate<[number, unknown]>(program);
  }

  const widgetCall = (): string =>
    snippets.widgetChat.replace('https://office16852.com', product.url).replace('pk_live_...', key);

  test('the public call runs in a page of ours, and the conversation goes on by its cookie', async () => {
    const page = await openPage(browser, product.url);
    const [status, body] = await runIn(page, snippets.publicChat, 'in-our-page');
    expect([status, ChatAnswer.parse(body)]).toEqual([200, expect.objectContaining({ reply: REPLY, seq: 2 })]);
    const [again, later] = await runIn(page, snippets.publicChat, 'in-our-page');
    expect([again, later]).toEqual([200, expect.objectContaining({ seq: 4 })]);
    await page.context().close();
  });

  test('the public call is for pages of ours alone', async () => {
    first.show('<p>Another site</p>');
    const page = await openPage(browser, first.origin);
    const elsewhere = snippets.publicChat.replace('/api/chat', `${product.url}/api/chat`);
    await expect(runIn(page, elsewhere, 'not-ours')).rejects.toThrow('Failed to fetch');
    await page.context().close();
  });

  test('the signed-in call runs in a page of ours', async () => {
    const page = await openPage(browser, product.url);
    const [status, body] = await runIn(page, snippets.signedInChat, 'signed-in-page');
    expect([status, ChatAnswer.parse(body)]).toEqual([200, expect.objectContaining({ reply: REPLY })]);
    expect(body).toHaveProperty('credits.charged');
    await page.context().close();
  });

  test('the widget call runs in pages of both listed sites, and in no other', async () => {
    for (const site of [first, second]) {
      site.show('<p>A customer’s site</p>');
      const page = await openPage(browser, site.origin);
      const [status, body] = await runIn(page, widgetCall(), `call-from-${site.origin}`);
      expect([status, ChatAnswer.parse(body)]).toEqual([200, expect.objectContaining({ reply: REPLY })]);
      await page.context().close();
    }
    stranger.show('<p>A site on no list</p>');
    const page = await openPage(browser, stranger.origin);
    await expect(runIn(page, widgetCall(), 'call-from-a-stranger')).rejects.toThrow('Failed to fetch');
    await page.context().close();
  });

  const canonical = (): string =>
    snippets.canonicalTag.replace('https://YOUR_OFFICE_HOST', product.url).replace('YOUR_TENANT_UUID', tenantId);
  const legacy = (): string =>
    snippets.loaderTag.replace('https://your-domain.com', product.url).replace('YOUR_WIDGET_KEY', key);

  test.each([
    ['canonical', canonical],
    ['loader', legacy],
  ])('the %s tag opens a chat in pages of both listed sites that sends and shows the answer', async (_, tag) => {
    for (const site of [first, second]) {
      site.show(`<!doctype html><html lang="en"><body><h1>Our shop</h1>${tag()}</body></html>`);
      const page = await openPage(browser, site.origin);
      await page.getByRole('button', { name: 'Chat' }).click();
      await page.getByRole('textbox').fill(QUESTION);
      await page.getByRole('textbox').press('Enter');
      const answer = page.locator('[data-ai-generated]').first();
      await answer.waitFor({ timeout: 30_000 });
      expect(await answer.textContent()).toContain('249 USD');
      await page.context().close();
    }
  });

  test.each([
    ['canonical', canonical],
    ['loader', legacy],
  ])('the %s tag shows nothing on a site that is not listed, and says why to its author', async (_, tag) => {
    stranger.show(`<!doctype html><body>${tag()}</body>`);
    const page = await (await browser.newContext()).newPage();
    const warned = page.waitForEvent('console', (line) => line.text().startsWith('Bob:'));
    await page.goto(stranger.origin);
    expect((await warned).text()).toContain(`${stranger.origin} is not among the allowed origins`);
    expect(await page.locator('bob-widget').count()).toBe(0);
    await page.context().close();
  });
});
