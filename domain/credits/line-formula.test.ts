import { expect, it } from 'vitest';

import { lineFormula } from './line-formula.ts';

const line = {
  sku: 'model:openai/gpt-5-mini',
  pools: { input: 700, cached_input: 800, cache_write: 0, output: 300 },
  rates: { input: 250_000, cached_input: 25_000, cache_write: 250_000, output: 2_000_000 },
  waived: null,
};

it('a line says how to recompute it', () => {
  const formula = 'ceil((700 input * 250000 + 800 cached_input * 25000 + 300 output * 2000000) / 1000000) / 1000';
  expect(lineFormula(line)).toBe(formula);
  expect(lineFormula({ ...line, waived: 'blocked' })).toBe(`0 (waived: blocked), instead of ${formula}`);
});

it('a line without tokens and the minimum line say so', () => {
  expect(lineFormula({ ...line, pools: { input: 0 } })).toBe('ceil((0) / 1000000) / 1000');
  expect(lineFormula({ ...line, sku: 'minimum', pools: {} })).toBe('minimum of a turn - other lines of the turn');
});
