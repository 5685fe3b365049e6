import { afterAll, beforeAll, expect, test } from 'vitest';

import { ReceiptView } from '#contract/receipts.ts';
import { startOfflineModel } from '#platform/embedded/offline-model/start-offline-model.ts';

import { logIn, visitorOf } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { runBob } from '../fixtures/run-bob.ts';
import { countOf } from '../fixtures/turn-record.ts';

let model: Awaited<ReturnType<typeof startOfflineModel>>;
let product: RunningProduct;

beforeAll(async () => {
  model = await startOfflineModel();
  product = await startProduct({ model: { url: model.url, name: 'bob-offline' } });
});
afterAll(async () => {
  await product.close();
  await model.stop();
});

test('npm run demo shows reply, receipt, lines, balance and verified webhooks, and cleans up', async () => {
  const { code, output } = await runBob(['demo', '--url', product.url], { BOB_DEMO_PASSWORD: ACCOUNTS.demo.password });
  expect(output).toContain('249 USD');
  expect(output).toContain('[1] Pro plan, src_');
  expect(output).toContain('computed here once more: the same hash');
  expect(output).toMatch(/= ceil\(\(\d+ input/);
  expect(output).toMatch(/available \d+\.\d{3} credits/);
  expect(output).toMatch(/seq 10 +turn\.completed +evt_[0-9a-f]{32} {2}✓/);
  expect(output).toContain('13 events verified, 0 requests refused');
  expect(code, output).toBe(0);
  const rows = await product.knex.raw<{ rows: { left: string }[] }>(
    'select count(*) as left from webhook_endpoint where deleted_at is null',
  );
  expect(rows.rows).toEqual([{ left: '0' }]);
});

test('where Bob does not run, it says how to start it', async () => {
  const { code, output } = await runBob(['demo', '--url', 'http://127.0.0.1:1'], { BOB_DEMO_PASSWORD: 'whatever' });
  expect(output).toContain('start it with npm start');
  expect(code).toBe(1);
});

test("a receipt opens for those who may read sessions, and never for another tenant's", async () => {
  const { body } = await visitorOf(product, 'demo').say('What does the Pro plan cost?');
  const owner = await logIn(product.url, { ...ACCOUNTS.demo, path: '/api/customers/auth/login' });
  const operator = await logIn(product.url, { ...ACCOUNTS.operator, path: '/api/auth/login' });
  const read = (token: string, id = String(body.turn_id)) =>
    fetch(`${product.url}/api/receipts/${id}`, { headers: { authorization: `Bearer ${token}` } });

  const own = await read(owner);
  expect(own.status).toBe(200);
  expect(own.headers.get('cache-control')).toBe('no-store');
  const receipt = ReceiptView.parse(await own.json());
  expect(receipt).toMatchObject({ turn_id: body.turn_id, outcome: 'answered', seq: 1 });
  expect(await countOf(product.knex, 'turn_receipt', { record_hash: receipt.record_hash })).toBe(1);

  expect((await read(operator)).status).toBe(404);
  expect((await read(owner, `trn_${'0'.repeat(32)}`)).status).toBe(404);
  expect((await read(owner, 'trn_1')).status).toBe(404);
  expect((await read('nonsense')).status).toBe(401);
});
