import { expect, test } from 'vitest';

import { createBoundedRun, QueueFull } from './bounded-run.ts';

test('no more run at once than may, the rest in order, and beyond the queue one is turned away', async () => {
  const bounded = createBoundedRun({ runningMax: 2, waitingMax: 3 });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const started: number[] = [];
  const runs = Array.from({ length: 6 }, (_, n) =>
    bounded(async () => {
      started.push(n);
      await gate;
    }),
  );
  await expect(runs[5]).rejects.toThrow(QueueFull);
  expect(started).toEqual([0, 1]);
  open();
  await Promise.all(runs.slice(0, 5));
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('a failure gives its place back', async () => {
  const bounded = createBoundedRun({ runningMax: 1, waitingMax: 0 });
  await expect(bounded(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await bounded(async () => 'works')).toBe('works');
});
