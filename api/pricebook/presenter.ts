import type { PricebookView } from '#contract/pricebook.ts';
import { formatCredits, formatRate } from '#domain/credits/decimal-credits.ts';
import type { PublishedPricebook } from '#models/pricebook.ts';

export function presentPricebook(book: PublishedPricebook): PricebookView {
  const { document } = book;
  return {
    version: book.version,
    state: book.state,
    effective_at: book.effectiveAt.toISOString(),
    published_at: book.publishedAt.toISOString(),
    sha256: book.sha256,
    prev_sha256: book.prevSha256,
    document: { ...document },
    changes: [...document.changes],
    plans: document.plans.map((plan) => ({
      key: plan.key,
      price_cents: plan.price_cents,
      included_credits: formatCredits(BigInt(plan.included_mc)),
      seats: plan.seats,
      integrations: plan.integrations,
      support: plan.support,
    })),
    rates: document.rates.flatMap((rate) =>
      Object.entries(rate.ucr_per_1k).map(([unit, ucr]) => ({ sku: rate.sku, unit, credits_per_1k: formatRate(ucr) })),
    ),
  };
}
