import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { pricebookContent, pricebookHashInput } from './pricebook-hash.ts';
import { PRICEBOOK_V1 } from './pricebook-v1.ts';
import { planOf, ratesOf } from './rates-of.ts';
import { validatePricebook } from './validate-pricebook.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

describe('pricebook version 1', () => {
  it('has the published hash', () => {
    expect(sha256(pricebookHashInput(pricebookContent(PRICEBOOK_V1)))).toBe(
      'd5d8d31f36db9ac5e15cfd9ba24037fa370eb8e091057e8a1a38fa45952206a4',
    );
  });

  it('is valid', () => {
    expect(validatePricebook(PRICEBOOK_V1)).toEqual([]);
  });

  it('prices a tool by the wildcard and an unknown model not at all', () => {
    expect(ratesOf(PRICEBOOK_V1, 'tool:look_up_order')).toEqual({ call: 500_000_000 });
    expect(ratesOf(PRICEBOOK_V1, 'model:openai/gpt-4.1')?.['output']).toBe(8_000_000);
    expect(ratesOf(PRICEBOOK_V1, 'model:openai/unheard-of')).toBeNull();
    expect(ratesOf(PRICEBOOK_V1, 'minimum')).toBeNull();
  });

  it('knows its plans', () => {
    expect(planOf(PRICEBOOK_V1, 'starter')?.included_mc).toBe(15_000_000);
    expect(planOf(PRICEBOOK_V1, 'free')).toBeNull();
  });
});

describe('a document with faults', () => {
  const starter = PRICEBOOK_V1.plans.slice(0, 1);
  it.each([
    [{ version: 0 }, ['/version', '/prev_sha256']],
    [{ version: 2 }, ['/prev_sha256']],
    [{ effective_at: '2026-01-01' }, ['/effective_at']],
    [{ effective_at: 'soon' }, ['/effective_at']],
    [{ rules: { ...PRICEBOOK_V1.rules, minimum_turn_mc: 0.5 } }, ['/rules/minimum_turn_mc']],
    [{ plans: [], rates: [] }, ['/plans', '/rates']],
    [{ plans: [...starter, ...starter] }, ['/plans']],
    [
      { plans: starter.map((plan) => ({ ...plan, price_cents: -1, seats: 1.5 })) },
      ['/plans/0/price_cents', '/plans/0/seats'],
    ],
    [{ rates: [{ sku: 'gpt-4.1', ucr_per_1k: { input: 1 } }] }, ['/rates/0/sku']],
    [
      {
        rates: [
          { sku: 'tool:*', ucr_per_1k: { call: 1 } },
          { sku: 'tool:*', ucr_per_1k: { call: 1 } },
        ],
      },
      ['/rates'],
    ],
    [
      { rates: [{ sku: 'model:x', ucr_per_1k: { input: 1, cached_input: 1, output: 0.1, batch: 1 } }] },
      ['/rates/0/ucr_per_1k/cache_write', '/rates/0/ucr_per_1k/batch', '/rates/0/ucr_per_1k/output'],
    ],
  ])('is refused with every fault named: %j', (change, paths) => {
    expect(validatePricebook({ ...PRICEBOOK_V1, ...change }).map((fault) => fault.path)).toEqual(paths);
  });
});
