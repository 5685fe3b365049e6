import { afterAll, beforeAll, expect, test } from 'vitest';

import type { BobProcess } from '../fixtures/bob-process.ts';
import type { Fault } from './fault.ts';
import { sameKey } from './faults/client-faults.ts';
import { quickModelFaults } from './faults/model-faults.ts';
import { apiKilled } from './faults/process-faults.ts';
import { postgresAway } from './faults/server-faults.ts';
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

async function expectPassed(fault: Fault, seconds: number): Promise<void> {
  const name = `short-${fault.id.toLowerCase()}`;
  const run = { fault, product, worker, seed: SEED, seconds, sessions: SESSIONS, name };
  const report = await runFault(run);
  process.stderr.write(`${sentenceOf(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.turns).toBeGreaterThan(0);
}

test('one key sent 16 times at once has one effect', () => expectPassed(sameKey, 2), BOUND_MS);

test(
  'a killed API loses no answer and no letter of a stream: the same key finds it',
  () => expectPassed(apiKilled, 7),
  BOUND_MS,
);

test('a model that fails in every way ends each turn with words', () => expectPassed(quickModelFaults, 4), BOUND_MS);

test(
  'PostgreSQL killed, stopped and cut off loses no reply and no charge',
  () => expectPassed(postgresAway, 8),
  BOUND_MS,
);
