import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStubModel, type StubModel } from '../stub-model.ts';
import { stubTarget } from './load-target.ts';
import { WARM_UP, warmUp } from './warm-up.ts';

let stub: StubModel;
beforeAll(async () => {
  stub = await startStubModel();
});
afterAll(() => stub.stop());

test.each([
  [1, 'calm'],
  [64, 'busy'],
])('%i sessions at a time are warmed by the same number of turns', async (concurrency, runName) => {
  const target = stubTarget({ url: stub.url, model: 'stub-0-0-8' });
  const warmed = await warmUp(target, { concurrency, runName });
  expect(warmed).toMatchObject({ turns: WARM_UP.turnMax, errorCount: 0 });
});
