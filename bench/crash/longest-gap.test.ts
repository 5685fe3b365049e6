import { expect, test } from 'vitest';
import { longestGapSeconds } from './longest-gap.ts';

test('the gap counts from the kill, and answers before it do not shorten it', () => {
  expect(longestGapSeconds(1000, [900, 3000, 3500])).toBe(2);
  expect(longestGapSeconds(1000, [7000, 1100])).toBe(5.9);
});

test('without any answer after the kill there is no gap to tell, only an outage', () => {
  expect(longestGapSeconds(1000, [900])).toBeNull();
});
