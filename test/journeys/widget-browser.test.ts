import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { WidgetInstall } from '#contract/widget.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { logIn } from '../fixtures/chat-caller.ts';
import { launchChromium, noChromium, startSite, type Site } from '../fixtures/chromium.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { callerWith, type Call } from '../fixtures/signed-in-caller.ts';

const QUESTION = 'What does the Pro plan cost?';
const STRICT =
  "default-src 'none'; script-src HOST; connect-src HOST; require-trusted-types-for 'script'; trusted-types 'none'";

let model: OfflineModel;
let product: RunningProduct;
let browser: Browser;
let shop: Site;
let stranger: Site;
let owner: Call;
let tag: string;

describe.skipIf(noChromium === null)('the widget in a browser', () => {
  test(`is skipped: ${noChromium}`, ({ skip }) => skip());
});

/** A page with a profile of its own, and what its console says. */
async function visit(site: Pick<Site, 'origin'>): Promise<{ page: Page; said: string[] }> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`));
  await page.goto(site.origin);
  return { page, said };
}

const partsOf = (page: Page) => ({
  launcher: page.locator('bob-widget button.open'),
  panel: page.getByRole('dialog'),
  input: page.getByRole('dialog').getByRole('textbox'),
  log: page.getByRole('dialog').getByRole('log'),
  status: page.getByRole('dialog').getByRole('status'),
});

/** The widget's own view of it: to the page its host has the focus. */
const focusOf = (page: Page): Promise<unknown> =>
  page.evaluate(`document.querySelector('bob-widget').shadowRoot.activeElement?.tagName`);

const textOf = (locator: Locator): Promise<string | null> => locator.textContent();

describe.skipIf(noChromium !== null)('in a browser the widget', () => {
  beforeAll(async () => {
    model = await startOfflineModel();
    product = await startProduct({ model: { url: model.url, name: MODEL_NAME } });
    [shop, stranger] = await Promise.all([startSite('localhost'), startSite('127.0.0.1')]);
    owner = callerWith(product.url, await logIn(product.url, { path: '/api/customers/auth/login', ...ACCOUNTS.demo }));
    await owner('POST', '/api/widget/keys');
    await owner('PUT', '/api/widget/origins', { origins: [shop.origin] });
    const install = WidgetInstall.parse(await (await owner('GET', '/api/widget/install')).json());
    tag = install.snippets.canonical;
    shop.show(`<!doctype html><title>Shop</title><h1>Shop</h1>${tag}`);
    stranger.show(`<!doctype html><title>Stranger</title>${tag}`);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([shop.close(), stranger.close()]);
    await product.close();
    await model.stop();
  });

  test('opens, discloses, sends and shows the answer, by keyboard alone', async () => {
    const { page, said } = await visit(shop);
    const { launcher, panel, log } = partsOf(page);
    await launcher.focus();
    expect(await launcher.getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('Enter');
    await panel.waitFor();
    expect(await textOf(panel)).toContain('You are chatting with Bob, an AI assistant.');
    await expect.poll(() => focusOf(page)).toBe('TEXTAREA');
    await page.keyboard.type(QUESTION);
    await page.keyboard.press('Enter');
    await expect.poll(() => textOf(log)).toContain('249 USD');
    expect(await textOf(log)).toContain(QUESTION);
    await page.keyboard.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
    await expect.poll(() => focusOf(page)).toBe('BUTTON');
    expect(said).toEqual([]);
    await page.context().close();
  });

  test('goes on with the conversation after the page was loaded anew', async () => {
    const { page } = await visit(shop);
    const { launcher, input, log } = partsOf(page);
    await launcher.click();
    await input.fill(QUESTION);
    await input.press('Enter');
    await expect.poll(() => textOf(log)).toContain('249 USD');
    await page.reload();
    await launcher.click();
    await expect.poll(() => textOf(log)).toContain('249 USD');
    await input.fill('And the Starter plan?');
    await input.press('Enter');
    await expect.poll(() => textOf(log)).toContain('79 USD');
    await page.context().close();
  });

  test('asks and stores nothing before it is opened', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(shop.origin);
    await partsOf(page).launcher.waitFor();
    expect(asked.filter((path) => path.startsWith('/widget/'))).toHaveLength(1);
    expect(asked.filter((path) => path.startsWith('/api/'))).toEqual([]);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });

  test('works under a strict policy and with Trusted Types', async () => {
    const policy = STRICT.replaceAll('HOST', product.url);
    shop.show(`<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><h1>Shop</h1>${tag}`);
    const { page, said } = await visit(shop);
    const { launcher, input, log } = partsOf(page);
    await launcher.click();
    await input.fill(QUESTION);
    await input.press('Enter');
    await expect.poll(() => textOf(log)).toContain('249 USD');
    expect(said.filter((line) => !line.includes('favicon'))).toEqual([]);
    const colour = `getComputedStyle(document.querySelector('bob-widget').shadowRoot.querySelector('.open'))`;
    expect(await page.evaluate(`${colour}.backgroundColor`)).toBe('rgb(29, 78, 216)');
    await page.context().close();
  });

  test.each([
    ['en', 'Send'],
    ['es', 'Enviar'],
    ['it', 'Invia'],
    ['nl', 'Verzenden'],
    ['pl', 'Wyślij'],
  ])('speaks %s on a page that does', async (language, send) => {
    shop.show(`<!doctype html><html lang="${language}-XX"><title>Shop</title>${tag}`);
    const { page } = await visit(shop);
    await partsOf(page).launcher.click();
    await partsOf(page).panel.getByRole('button', { name: send }).waitFor();
    await page.context().close();
  });

  test('keeps markup as text', async () => {
    shop.show(`<!doctype html><title>Shop</title>${tag}`);
    const { page } = await visit(shop);
    const { launcher, input, log } = partsOf(page);
    await launcher.click();
    await input.fill('<img src=x onerror="document.title=1">');
    await input.press('Enter');
    await expect.poll(() => textOf(log)).toContain('<img src=x');
    expect([await log.locator('img').count(), await page.title()]).toEqual([0, 'Shop']);
    await page.context().close();
  });

  test('is idle on a page that is not listed, and says to its author why', async () => {
    const { page, said } = await visit(stranger);
    await expect
      .poll(() => said)
      .toEqual([expect.stringContaining(`${stranger.origin} is not among the allowed origins`)]);
    expect(await page.locator('bob-widget').count()).toBe(0);
    await page.context().close();
  });

  test('says a refusal by the server once, and takes no more words', async () => {
    shop.show(`<!doctype html><title>Shop</title>${tag}`);
    const { page, said } = await visit(shop);
    const { launcher, input, status } = partsOf(page);
    await launcher.click();
    await input.fill(QUESTION);
    await owner('PUT', '/api/widget/origins', { origins: [] });
    try {
      await input.press('Enter');
      await expect.poll(() => textOf(status)).toContain('not available here');
      expect(await input.isDisabled()).toBe(true);
      expect(said.filter((line) => line.startsWith('error: Bob:'))).toEqual([
        expect.stringContaining(`${shop.origin} is not among the allowed origins`),
      ]);
    } finally {
      await owner('PUT', '/api/widget/origins', { origins: [shop.origin] });
    }
    await page.context().close();
  });

  test('is there once, however often its tag is', async () => {
    shop.show(`<!doctype html><title>Shop</title>${tag}${tag}`);
    const { page, said } = await visit(shop);
    await expect.poll(() => said).toEqual([expect.stringContaining('a widget in this page already')]);
    expect(await page.locator('bob-widget').count()).toBe(1);
    await page.context().close();
  });

  test('waits for consent where the tenant wants it', async () => {
    await owner('PATCH', '/api/widget/settings', { consent: 'required' });
    try {
      shop.show(`<!doctype html><title>Shop</title>${tag}`);
      const { page } = await visit(shop);
      const { launcher, panel, input, log } = partsOf(page);
      await launcher.click();
      expect([await input.isVisible(), await page.evaluate('localStorage.length')]).toEqual([false, 0]);
      await panel.getByRole('button', { name: 'Start the chat' }).click();
      await input.fill(QUESTION);
      await input.press('Enter');
      await expect.poll(() => textOf(log)).toContain('249 USD');
      await page.context().close();
    } finally {
      await owner('PATCH', '/api/widget/settings', { consent: null });
    }
  });

  test('is on our own page, without key or list', async () => {
    const { page } = await visit({ origin: product.url });
    const { launcher, input, log } = partsOf(page);
    await launcher.click();
    await input.fill(QUESTION);
    await input.press('Enter');
    await expect.poll(() => textOf(log)).toContain('249 USD');
    await page.context().close();
  });
});
