import fc from 'fast-check';
import { expect, it } from 'vitest';

import { estimateHold, estimateTokens, outputTokensWithin } from './hold-estimate.ts';
import { priceUnits } from './price-line.ts';

const rates = { input: 250_000, output: 2_000_000 };
const plannedCall = fc.record({
  inputTokens: fc.nat({ max: 200_000 }),
  outputTokensMax: fc.integer({ min: 1, max: 8_000 }),
  rates: fc.constant(rates),
});

it('tokens are estimated as a third of the UTF-8 bytes, rounded up', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(estimateTokens(text)).toBe(Math.ceil(Buffer.byteLength(text, 'utf8') / 3));
    }),
  );
});

it('a hold wants every planned call whole and accepts the first with a short answer', () => {
  const answer = { inputTokens: 3_000, outputTokensMax: 1_000, rates };
  const rewrite = { inputTokens: 500, outputTokensMax: 100, rates };
  expect(estimateHold([answer, rewrite], 256)).toEqual({
    wantMillicredits: 750n + 2_000n + 125n + 200n,
    minMillicredits: 750n + 512n,
  });
});

it('the least a hold accepts is never more than it wants', () => {
  fc.assert(
    fc.property(fc.array(plannedCall, { minLength: 1, maxLength: 4 }), (calls) => {
      const { wantMillicredits, minMillicredits } = estimateHold(calls, 256);
      expect(minMillicredits <= wantMillicredits).toBe(true);
    }),
  );
});

it('a turn that calls no model holds nothing', () => {
  expect(estimateHold([], 256)).toEqual({ wantMillicredits: 0n, minMillicredits: 0n });
});

it('a smaller hold shortens the answer to the most it pays for', () => {
  fc.assert(
    fc.property(plannedCall, fc.bigInt({ min: 0n, max: 70_000n }), (call, held) => {
      const tokens = outputTokensWithin(call, held);
      const priceOf = (output: number) => priceUnits({ input: call.inputTokens, output }, call.rates);
      expect(tokens === 0 || priceOf(tokens) <= held).toBe(true);
      expect(tokens === call.outputTokensMax || priceOf(tokens + 1) > held).toBe(true);
    }),
  );
});
