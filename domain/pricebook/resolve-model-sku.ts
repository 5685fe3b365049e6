import type { PricebookDocument } from './pricebook-document.ts';
import { ratesOf } from './rates-of.ts';

export interface ModelChoice {
  /** BOB_MODEL. */
  model: string;
  /** BOB_MODEL_SKU, when given. */
  sku: string | null;
  baseUrlGiven: boolean;
  /** `up` is the one-command start, which accepts a local model at the offline rate. */
  mode: 'up' | 'strict';
  book: PricebookDocument;
}

export type ModelSku = { sku: string; warning?: string } | { refused: string };

const OFFLINE_SKU = 'model:bob/bob-offline';

/** The SKU the installation's own model is charged as. Nothing runs unpriced: no rate stops the start. */
export function resolveModelSku(choice: ModelChoice): ModelSku {
  if (choice.sku !== null) return resolveGiven(choice, choice.sku);
  const published = `model:openai/${choice.model}`;
  if (ratesOf(choice.book, published) !== null) return { sku: published };
  if (choice.mode === 'up' && choice.baseUrlGiven) return offlineRate(choice.model);
  return {
    refused:
      `BOB_MODEL "${choice.model}" has no published rate in pricebook version ${choice.book.version}. ` +
      `Set BOB_MODEL_SKU to one of: ${modelSkus(choice.book)}.`,
  };
}

function resolveGiven(choice: ModelChoice, sku: string): ModelSku {
  if (sku.startsWith('model:') && ratesOf(choice.book, sku) !== null) return { sku };
  return {
    refused:
      `BOB_MODEL_SKU "${sku}" has no rate in pricebook version ${choice.book.version}. ` +
      `Expected one of: ${modelSkus(choice.book)}.`,
  };
}

function offlineRate(model: string): ModelSku {
  return {
    sku: OFFLINE_SKU,
    warning:
      `BOB_MODEL "${model}" has no published rate; it is metered as ${OFFLINE_SKU}. ` +
      'Set BOB_MODEL_SKU to change that.',
  };
}

function modelSkus(book: PricebookDocument): string {
  return book.rates
    .map((rate) => rate.sku)
    .filter((sku) => sku.startsWith('model:'))
    .join(', ');
}
