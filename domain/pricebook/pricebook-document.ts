/** A pricebook version as it is published and hashed: field names are those of the document. */
export interface PricebookDocument {
  schema: 'bob.pricebook.v1';
  version: number;
  prev_sha256: string | null;
  currency: string;
  effective_at: string;
  unit: { name: string; millicredits: number; meaning: string };
  rules: PricebookRules;
  plans: readonly PricebookPlan[];
  rates: readonly PricebookRate[];
  changes: readonly string[];
}

export interface PricebookRules {
  rounding: 'ceil_per_line';
  minimum_turn_mc: number;
  hold_min_output_tokens: number;
  notice_days: number;
  rollover: boolean;
  topup_months: number;
  thresholds_percent: readonly number[];
  overage_thresholds_percent: readonly number[];
  waived: readonly string[];
  free: readonly string[];
}

export interface PricebookPlan {
  key: string;
  name: string;
  interval: 'month';
  price_cents: number;
  included_mc: number;
  seats: number | null;
  integrations: number | null;
  support: string;
  overage_cents_per_1k: number | null;
  topup_cents_per_1k: number | null;
}

export interface PricebookRate {
  sku: string;
  ucr_per_1k: Readonly<Record<string, number>>;
}
