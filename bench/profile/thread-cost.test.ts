import { expect, test } from 'vitest';
import { spentBetween, threadCost } from './thread-cost.ts';

test('what was spent between two readings is told by thread, the most first', () => {
  const before = new Map([
    ['main', 10],
    ['tokio', 5],
    ['gone', 3],
  ]);
  const after = new Map([
    ['main', 20],
    ['tokio', 40],
    ['idle', 0],
  ]);
  expect(spentBetween(before, after)).toEqual([
    ['tokio', 35],
    ['main', 10],
  ]);
});

test.runIf(process.platform === 'linux')('a process has a main thread', async () => {
  expect((await threadCost(process.pid)).has('main')).toBe(true);
});
