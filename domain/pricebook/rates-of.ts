import type { Rates } from '../credits/price-line.ts';
import type { PricebookDocument, PricebookPlan } from './pricebook-document.ts';

/** The rates of a SKU, its own row before a wildcard such as `tool:*`; null when the version has none. */
export function ratesOf(book: PricebookDocument, sku: string): Rates | null {
  const family = `${sku.slice(0, sku.indexOf(':') + 1)}*`;
  const rate = book.rates.find((row) => row.sku === sku) ?? book.rates.find((row) => row.sku === family);
  return rate?.ucr_per_1k ?? null;
}

export function planOf(book: PricebookDocument, planKey: string): PricebookPlan | null {
  return book.plans.find((plan) => plan.key === planKey) ?? null;
}
