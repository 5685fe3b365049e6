import { canonicalJson } from '../canonical-json.ts';
import type { CanonicalValue } from '../canonical-json.ts';
import type { PricebookDocument } from './pricebook-document.ts';

/** The document in the form that is stored and hashed. */
export function pricebookContent(book: PricebookDocument): string {
  const value: Readonly<Record<keyof PricebookDocument, CanonicalValue>> = {
    ...book,
    unit: { ...book.unit },
    rules: { ...book.rules },
    plans: book.plans.map((plan) => ({ ...plan })),
    rates: book.rates.map((rate) => ({ ...rate })),
  };
  return canonicalJson(value);
}

/** What SHA-256 runs over to name a version. */
export function pricebookHashInput(content: string): string {
  return `bob.pricebook.v1\n${content}`;
}
