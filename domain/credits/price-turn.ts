import type { ChargeLine, ModelCall, TokenPools, TurnUsage } from '../usage.ts';
import type { PricebookDocument } from '../pricebook/pricebook-document.ts';
import { ratesOf } from '../pricebook/rates-of.ts';
import { millicreditsOfRaw, rawUcrOf } from './price-line.ts';
import type { Units } from './price-line.ts';

export const MINIMUM_SKU = 'minimum';

/** The lines of a turn in call order, then the minimum line where one is due. A turn without a call has no line. */
export function priceTurn(usage: TurnUsage, book: PricebookDocument): ChargeLine[] {
  const lines = usage.calls.map((call, index) => priceCall(call, index + 1, book));
  const lift = minimumLift(usage, lines, BigInt(book.rules.minimum_turn_mc));
  return lift === 0n ? lines : [...lines, minimumLine(lines.length + 1, lift)];
}

export function totalOf(lines: readonly ChargeLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.amountMillicredits, 0n);
}

/** Pool names as documents and lines write them. */
function unitsOf(pools: TokenPools): Units {
  return {
    input: pools.input,
    cached_input: pools.cachedInput,
    cache_write: pools.cacheWrite,
    output: pools.output,
  };
}

function priceCall(call: ModelCall, pos: number, book: PricebookDocument): ChargeLine {
  const rates = ratesOf(book, call.sku);
  if (rates === null) throw new RangeError(`pricebook version ${book.version} has no rate for ${call.sku}`);
  const pools = unitsOf(call.pools);
  const rawUcr = rawUcrOf(pools, rates);
  return {
    pos,
    kind: 'llm',
    step: call.step,
    sku: call.sku,
    provider: call.provider,
    model: call.model,
    providerRequestId: call.providerRequestId,
    pools,
    rates,
    reasoningTokens: call.reasoningTokens,
    estimated: call.estimated,
    waived: call.waived,
    rawUcr,
    amountMillicredits: call.waived === null ? millicreditsOfRaw(rawUcr) : 0n,
  };
}

function minimumLift(usage: TurnUsage, lines: readonly ChargeLine[], minimum: bigint): bigint {
  // A turn whose every call was waived is free: the minimum lifts a price, it makes none.
  const charged = lines.some((line) => line.waived === null);
  const total = totalOf(lines);
  return usage.textDelivered && charged && total < minimum ? minimum - total : 0n;
}

function minimumLine(pos: number, lift: bigint): ChargeLine {
  return {
    pos,
    kind: 'minimum',
    step: MINIMUM_SKU,
    sku: MINIMUM_SKU,
    provider: null,
    model: null,
    providerRequestId: null,
    pools: {},
    rates: {},
    reasoningTokens: 0,
    estimated: false,
    waived: null,
    rawUcr: 0n,
    amountMillicredits: lift,
  };
}
