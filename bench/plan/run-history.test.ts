import { expect, test } from 'vitest';
import { latencyWindows } from './run-history.ts';

test('a long session is read in windows, the last as long as it is', () => {
  expect(latencyWindows([1, 2, 3, 8, 9], 3)).toEqual([
    { from: 1, to: 3, p50Ms: 2 },
    { from: 4, to: 5, p50Ms: 8 },
  ]);
});
