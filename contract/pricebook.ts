import { z } from 'zod';

import { listOf, Timestamp } from './common.ts';

const PlanView = z.object({
  key: z.string(),
  price_cents: z.int(),
  included_credits: z.string().meta({ description: 'Credits a month', example: '15000.000' }),
  seats: z.int().nullable().meta({ description: 'null = unlimited' }),
  integrations: z.int().nullable().meta({ description: 'null = unlimited' }),
  support: z.string(),
});

const RateView = z.object({
  sku: z.string(),
  unit: z.string(),
  credits_per_1k: z.string().meta({ description: 'Credits for 1,000 units, exact', example: '0.025' }),
});

export const PricebookView = z
  .object({
    version: z.int().min(1),
    state: z.enum(['published', 'withdrawn']),
    effective_at: Timestamp,
    published_at: Timestamp,
    sha256: z.string().meta({ description: 'SHA-256("bob.pricebook.v1\\n" + JCS(document))' }),
    prev_sha256: z.string().nullable(),
    document: z.record(z.string(), z.unknown()).meta({ description: 'What is hashed, whole' }),
    changes: z.array(z.string()),
    plans: z.array(PlanView),
    rates: z.array(RateView),
  })
  .meta({ id: 'Pricebook' });
export type PricebookView = z.infer<typeof PricebookView>;

export const CurrentPricebook = z
  .object({ current: PricebookView, next: PricebookView.nullable() })
  .meta({ id: 'CurrentPricebook' });
export type CurrentPricebook = z.infer<typeof CurrentPricebook>;

export const PricebookList = listOf(PricebookView).meta({ id: 'PricebookList' });
export type PricebookList = z.infer<typeof PricebookList>;

export const PricebookParams = z.object({ version: z.coerce.number().int().min(1).max(2_147_483_647) });
export type PricebookParams = z.infer<typeof PricebookParams>;
