import { expect, test } from 'vitest';

import { matcherOf } from './if-match.ts';

test.each([
  ['', true],
  ['*', true],
  ['"abc"', true],
  ['"x", "abc"', true],
  ['"x"', false],
  // A weak tag promises less than equality of bytes, so it never lets an edit through.
  ['W/"abc"', false],
  ['abc', false],
])('If-Match %j against the content "abc"', (header, isMatch) => {
  expect(matcherOf(header)('abc')).toBe(isMatch);
});
