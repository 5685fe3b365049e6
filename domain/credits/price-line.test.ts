import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { priceUnits, rawUcrOf } from './price-line.ts';

/** USD per million tokens, as providers publish, to microcredits per 1,000. */
const ucr = (usdPerMillion: number) => Math.round(usdPerMillion * 1_000_000);

const POOLS = ['input', 'cached_input', 'cache_write', 'output'] as const;
const counts = fc.record(Object.fromEntries(POOLS.map((pool) => [pool, fc.nat({ max: 2_000_000 })])));
const rates = fc.record(Object.fromEntries(POOLS.map((pool) => [pool, fc.nat({ max: 100_000_000 })])));

describe('published billing cases', () => {
  it.each([
    // BerriAI/litellm #14849, #31714 and #35127: prompt, cached, cache write, output; USD per million.
    { prompt: 262_960, cached: 257_955, write: 0, output: 1_744, usd: [1.25, 0.625, 0, 10], mc: 184_919n },
    { prompt: 27_147, cached: 27_146, write: 0, output: 351, usd: [1.4, 0.26, 0, 4.4], mc: 8_604n },
    { prompt: 172_000, cached: 155_000, write: 3_000, output: 0, usd: [5, 0.5, 6.25, 0], mc: 166_250n },
  ])('$prompt prompt tokens cost $mc', ({ prompt, cached, write, output, usd, mc }) => {
    const [input = 0, cachedInput = 0, cacheWrite = 0, outputUsd = 0] = usd;
    const units = { input: prompt - cached - write, cached_input: cached, cache_write: write, output };
    const rate = {
      input: ucr(input),
      cached_input: ucr(cachedInput),
      cache_write: ucr(cacheWrite),
      output: ucr(outputUsd),
    };
    expect(priceUnits(units, rate)).toBe(mc);
  });
});

describe('laws of a line', () => {
  it('one more unit never costs less', () => {
    fc.assert(
      fc.property(counts, rates, fc.constantFrom(...POOLS), (units, rate, pool) => {
        const more = { ...units, [pool]: (units[pool] ?? 0) + 1 };
        expect(priceUnits(more, rate) >= priceUnits(units, rate)).toBe(true);
      }),
    );
  });

  it('splitting a line in two costs at most one millicredit more', () => {
    fc.assert(
      fc.property(counts, counts, rates, (left, right, rate) => {
        const whole = Object.fromEntries(POOLS.map((pool) => [pool, (left[pool] ?? 0) + (right[pool] ?? 0)]));
        const extra = priceUnits(left, rate) + priceUnits(right, rate) - priceUnits(whole, rate);
        expect(extra === 0n || extra === 1n).toBe(true);
      }),
    );
  });

  it('is rounded up once, from the exact sum', () => {
    fc.assert(
      fc.property(counts, rates, (units, rate) => {
        const raw = rawUcrOf(units, rate);
        const millicredits = priceUnits(units, rate);
        expect(millicredits * 1_000_000n >= raw && (millicredits - 1n) * 1_000_000n < raw).toBe(true);
      }),
    );
  });
});

it('a pool without a rate is refused, unless nothing was counted in it', () => {
  expect(() => rawUcrOf({ output: 1 }, { input: 1 })).toThrow('pool output has no rate');
  expect(rawUcrOf({ output: 0 }, { input: 1 })).toBe(0n);
});

it.each([-1, 0.5, Number.NaN])('a pool cannot count %s', (count) => {
  expect(() => rawUcrOf({ input: count }, { input: 1 })).toThrow(RangeError);
});
