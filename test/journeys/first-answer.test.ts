import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';
import { MODEL_NAME } from '#platform/embedded/offline-model/model-name.ts';
import { type OfflineModel, startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';

const QUICK_START = fileURLToPath(new URL('../../docs/quickstart/', import.meta.url));
const SCRIPT = `${QUICK_START}first-answer.mjs`;
/** The promise of the quick start: from sign-up to the answer within a minute. */
const MINUTE_MS = 60_000;

let model: OfflineModel;
let product: RunningProduct;

beforeAll(async () => {
  model = await startOfflineModel();
  product = await startProduct({ model: { url: model.url, name: MODEL_NAME } });
});
afterAll(async () => {
  await product.close();
  await model.stop();
});

/** The documented operation of a printed call: `POST /api/chat → 200`. */
function operationOf(method: string, address: string): string | undefined {
  const [path = ''] = address.split('?');
  const fits = (pattern: string): boolean => new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path);
  return ROUTES.find((route) => route.method === method.toLowerCase() && fits(route.path))?.operationId;
}

test('the quick start goes from sign-up to answers on all three paths, by documented calls, in a minute', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, product.url], { timeout: MINUTE_MS });
  const calls = [...stdout.matchAll(/^ {3}(\w+) (\S+) → \d+$/gm)].map(([, method = '', path = '']) => [method, path]);
  expect(calls.map(([method = '', path = '']) => operationOf(method, path))).toEqual([
    'signUp',
    'editPersona',
    'publishPersona',
    'setWidgetOrigins',
    'getWidgetInstall',
    'chatOverWidget',
    'changeTenant',
    'chat',
    'chatSignedIn',
    'getReceipt',
    'listUsageLines',
    'getBalance',
  ]);
  const answers = [...stdout.matchAll(/^ {3}Bob: (.*) \(answered/gm)].map(([, reply]) => reply);
  const hours: unknown = expect.stringContaining('7:00 to 18:00');
  expect(answers).toEqual([hours, hours, hours]);
  expect(stdout).toMatch(/^ {3}receipt [0-9a-f]{64}: persona version 2, answered$/m);
  expect(stdout).toMatch(/^ {3}line \S+: .+ = \d+\.\d{3} credits$/m);
});

test('the same calls by hand, as the quick start writes them, end in an answer', async ({ skip }) => {
  const curl = await promisify(execFile)('curl', ['--version']).catch(() => null);
  if (curl === null) skip('curl is not installed');
  const text = readFileSync(`${QUICK_START}README.md`, 'utf8');
  const byHand = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)[1] ?? '';
  const env = { BOB: product.url, PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin` };
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', byHand], { env, timeout: MINUTE_MS });
  expect(stdout).toContain('"reply":"The bakery is open from 7:00 to 18:00 on weekdays."');
});

test('where no Bob is running, it says so', async () => {
  const run = promisify(execFile)(process.execPath, [SCRIPT, 'http://127.0.0.1:1'], { timeout: MINUTE_MS });
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Is Bob running? npm start') });
});
