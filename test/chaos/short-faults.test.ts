import { afterAll, beforeAll, expect, test } from 'vitest';

import type { BobProcess } from '../fixtures/bob-process.ts';
import { findFault } from './faults/index.ts';
import { type ProductApart, startProductApart } from './product-apart.ts';
import { sentenceOf } from './report.ts';
import { runFault } from './run-fault.ts';

const SEED = 7;
const BOUND_MS = 150_000;
const SESSIONS = 8;

let product: ProductApart;
let worker: BobProcess;

beforeAll(async () => {
  product = await startProductApart({ model: 'stub-20-5-40' });
  worker = await product.startWorker();
});
afterAll(() => product.stop());

async function expectPassed(id: string, seconds: number): Promise<void> {
  const fault = findFault(id);
  if (fault === null) throw new Error(`there is no fault ${id}`);
  const run = { fault, product, worker, seed: SEED, seconds, sessions: SESSIONS, name: `short-${id.toLowerCase()}` };
  const report = await runFault(run);
  process.stderr.write(`${sentenceOf(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.turns).toBeGreaterThan(0);
}

test('one key sent 16 times at once has one effect', () => expectPassed('F7', 3), BOUND_MS);

test('a killed API loses no answer: the same key finds it', () => expectPassed('F1', 10), BOUND_MS);

test('PostgreSQL killed, stopped and cut off loses no reply and no charge', () => expectPassed('F4', 10), BOUND_MS);
