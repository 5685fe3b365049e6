import { describe, expect, it } from 'vitest';

import { PRICEBOOK_V1 } from '../pricebook/pricebook-v1.ts';
import type { ModelCall } from '../usage.ts';
import { priceTurn, totalOf } from './price-turn.ts';

function call(change: Partial<ModelCall> = {}): ModelCall {
  return {
    step: 'answer',
    attempt: 1,
    sku: 'model:openai/gpt-5-mini',
    provider: 'openai',
    model: 'gpt-5-mini',
    providerRequestId: 'chatcmpl-1',
    pools: { input: 700, cachedInput: 800, cacheWrite: 0, output: 300 },
    reasoningTokens: 0,
    estimated: false,
    waived: null,
    ...change,
  };
}

const small = { input: 10, cachedInput: 0, cacheWrite: 0, output: 5 };

describe('the price of a turn', () => {
  it.each([
    ['model:openai/gpt-5-mini', 795n],
    ['model:bob/bob-offline', 198n],
  ])('1,500 prompt tokens, 800 of them cached, and 300 of output on %s cost %s', (sku, millicredits) => {
    const lines = priceTurn({ calls: [call({ sku })], textDelivered: true }, PRICEBOOK_V1);
    expect(lines.map((line) => line.amountMillicredits)).toEqual([millicredits]);
  });

  it('a delivered answer costs at least the minimum, shown as a line of its own', () => {
    const lines = priceTurn({ calls: [call({ pools: small })], textDelivered: true }, PRICEBOOK_V1);
    expect(lines.map((line) => [line.kind, line.sku])).toEqual([
      ['llm', 'model:openai/gpt-5-mini'],
      ['minimum', 'minimum'],
    ]);
    expect(totalOf(lines)).toBe(100n);
    expect(lines.at(-1)?.pos).toBe(2);
  });

  it('a turn whose text reached nobody costs its calls and no minimum', () => {
    const lines = priceTurn({ calls: [call({ pools: small })], textDelivered: false }, PRICEBOOK_V1);
    expect(lines).toHaveLength(1);
    expect(totalOf(lines)).toBe(13n);
  });

  it('a turn without a call has no line', () => {
    expect(priceTurn({ calls: [], textDelivered: true }, PRICEBOOK_V1)).toEqual([]);
  });

  it('a waived call costs nothing and keeps what it would have cost', () => {
    const usage = { calls: [call({ waived: 'blocked' })], textDelivered: true };
    const [line, ...others] = priceTurn(usage, PRICEBOOK_V1);
    expect(line).toMatchObject({ amountMillicredits: 0n, rawUcr: 795_000_000n, waived: 'blocked' });
    expect(others).toEqual([]);
  });

  it('a lost attempt stands beside the one that was charged', () => {
    const calls = [call({ waived: 'lost_attempt' }), call({ attempt: 2 })];
    const lines = priceTurn({ calls, textDelivered: true }, PRICEBOOK_V1);
    expect(lines.map((line) => line.amountMillicredits)).toEqual([0n, 795n]);
    expect(totalOf(lines)).toBe(795n);
  });

  it('nothing is priced 0 for want of a rate', () => {
    const usage = { calls: [call({ sku: 'model:openai/unheard-of' })], textDelivered: true };
    expect(() => priceTurn(usage, PRICEBOOK_V1)).toThrow('no rate for model:openai/unheard-of');
  });
});
