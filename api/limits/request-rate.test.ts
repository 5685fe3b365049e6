import { expect, test } from 'vitest';

import { memoryRate } from './request-rate.ts';

test('one subject has its quota for a window, and none of it is another’s', async () => {
  const rate = memoryRate({ name: 'reads', windowSeconds: 60 });
  expect(await rate.take('a', 2)).toMatchObject({ left: 1, isOver: false, max: 2, windowSeconds: 60 });
  expect(await rate.take('a', 2)).toMatchObject({ left: 0, isOver: false });
  const over = await rate.take('a', 2);
  expect(over).toMatchObject({ left: 0, isOver: true });
  expect(over.resetSeconds).toBeGreaterThan(0);
  expect(over.resetSeconds).toBeLessThanOrEqual(60);
  expect(await rate.take('b', 2)).toMatchObject({ left: 1, isOver: false });
});

test('a figure that the operator changes counts at once', async () => {
  const rate = memoryRate({ name: 'reads', windowSeconds: 60 });
  await rate.take('a', 1);
  expect((await rate.take('a', 1)).isOver).toBe(true);
  expect(await rate.take('a', 10)).toMatchObject({ left: 7, isOver: false });
});

test('a window that has ended counts from the beginning, also for who never stopped asking', async () => {
  const rate = memoryRate({ name: 'reads', windowSeconds: 1 });
  await rate.take('a', 1);
  await expect.poll(async () => (await rate.take('a', 1)).isOver, { timeout: 10_000, interval: 100 }).toBe(false);
});
