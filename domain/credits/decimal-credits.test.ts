import fc from 'fast-check';
import { expect, it } from 'vitest';

import { exactNumber, formatCredits, formatRate, parseCredits } from './decimal-credits.ts';

it.each([
  [795n, '0.795'],
  [0n, '0.000'],
  [15_000_000n, '15000.000'],
  [-5n, '-0.005'],
])('%s millicredits read %s', (millicredits, text) => {
  expect(formatCredits(millicredits)).toBe(text);
});

it('an amount of any size survives formatting and parsing exactly', () => {
  fc.assert(fc.property(fc.bigInt(), (amount) => parseCredits(formatCredits(amount)) === amount));
});

it.each(['', '1', '1.0', '1.0000', '01.000', '.500', '1e3', '+1.000', '-0.000', ' 1.000', '1,000'])(
  'the text "%s" is no amount of credits',
  (text) => {
    expect(parseCredits(text)).toBeNull();
  },
);

it('a hashed document refuses an amount that JSON would round', () => {
  expect(exactNumber(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
  expect(() => exactNumber(2n ** 53n)).toThrow(RangeError);
});

it.each([
  [25_000, '0.025'],
  [500_000_000, '500.000'],
  [2_000_000, '2.000'],
  [5, '0.000005'],
  [1_234_560, '1.23456'],
  [0, '0.000'],
])('a rate of %s microcredits reads %s', (ucr, text) => {
  expect(formatRate(ucr)).toBe(text);
});
