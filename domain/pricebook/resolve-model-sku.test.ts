import { expect, it } from 'vitest';

import { PRICEBOOK_V1 } from './pricebook-v1.ts';
import { resolveModelSku } from './resolve-model-sku.ts';

const choice = { model: 'gpt-4.1-mini', sku: null, baseUrlGiven: false, mode: 'strict', book: PRICEBOOK_V1 } as const;

it('a model with a published rate is charged by it', () => {
  expect(resolveModelSku(choice)).toEqual({ sku: 'model:openai/gpt-4.1-mini' });
});

it('a SKU given by the operator comes first', () => {
  const given = { ...choice, model: 'qwen3-8b', sku: 'model:openai/gpt-5-nano' };
  expect(resolveModelSku(given)).toEqual({ sku: 'model:openai/gpt-5-nano' });
});

it.each(['model:openai/unheard-of', 'tool:anything', 'minimum'])('the SKU %s stops the start', (sku) => {
  const resolved = resolveModelSku({ ...choice, sku });
  expect(resolved).toHaveProperty('refused', expect.stringContaining(`BOB_MODEL_SKU "${sku}"`));
  expect(resolved).toHaveProperty('refused', expect.stringContaining('model:bob/bob-offline'));
});

it('the one-command start meters a local model at the offline rate, with a warning', () => {
  const local = resolveModelSku({ ...choice, model: 'llama', baseUrlGiven: true, mode: 'up' });
  expect(local).toEqual({ sku: 'model:bob/bob-offline', warning: expect.stringContaining('"llama"') });
});

it.each([
  { mode: 'strict', baseUrlGiven: true },
  { mode: 'up', baseUrlGiven: false },
] as const)('a model without a rate stops the start otherwise: %j', (change) => {
  const resolved = resolveModelSku({ ...choice, model: 'gpt-9', ...change });
  expect(resolved).toHaveProperty('refused', expect.stringContaining('BOB_MODEL "gpt-9"'));
});
