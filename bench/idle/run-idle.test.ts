import { expect, test } from 'vitest';
import { slopes } from './run-idle.ts';

test('the cost of an idle session is the slope between the last two counts', () => {
  const counts = [
    { sessions: 0, pssKib: 100, bytes: 0 },
    { sessions: 10, pssKib: 1000, bytes: 1024 },
    { sessions: 20, pssKib: 1300, bytes: 1024 * 51 },
  ];
  expect(slopes(counts)).toEqual({ P8: 30, P9: 5 });
});

test('memory that may not be read has no slope', () => {
  expect(
    slopes([
      { sessions: 0, pssKib: null, bytes: 0 },
      { sessions: 1, pssKib: 5, bytes: 1024 },
    ]),
  ).toEqual({ P8: null, P9: 1 });
});
