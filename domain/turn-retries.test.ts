import { expect, it } from 'vitest';

import { pauseAfterTry, TAKE_TURN_RETRIES } from './turn-retries.ts';

it('the pause doubles from try to try, up to the longest', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 60].map((attempt) => pauseAfterTry(attempt, TAKE_TURN_RETRIES));
  expect(pauses).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
});
