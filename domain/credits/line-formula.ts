import type { WaivedReason } from '../usage.ts';
import { MINIMUM_SKU } from './price-turn.ts';

export interface PricedLine {
  sku: string;
  pools: Readonly<Record<string, number>>;
  rates: Readonly<Record<string, number>>;
  waived: WaivedReason | null;
}

/** How anyone recomputes a line by hand; rates are microcredits per 1,000 units. */
export function lineFormula({ sku, pools, rates, waived }: PricedLine): string {
  if (sku === MINIMUM_SKU) return 'minimum of a turn - other lines of the turn';
  const terms = Object.entries(pools)
    .filter(([, count]) => count > 0)
    .map(([pool, count]) => `${count} ${pool} * ${rates[pool] ?? 0}`);
  const formula = `ceil((${terms.length === 0 ? '0' : terms.join(' + ')}) / 1000000) / 1000`;
  return waived === null ? formula : `0 (waived: ${waived}), instead of ${formula}`;
}
