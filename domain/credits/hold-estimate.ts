import type { Rates } from './price-line.ts';
import { priceUnits } from './price-line.ts';

/** A call the turn may make: what it sends, and how much it may answer. */
export interface PlannedCall {
  inputTokens: number;
  outputTokensMax: number;
  rates: Rates;
}

export interface HoldEstimate {
  wantMillicredits: bigint;
  minMillicredits: bigint;
}

const BYTES_PER_TOKEN = 3;
const utf8 = new TextEncoder();

/** UTF-8 bytes ÷ 3: 1.1 to 1.7 times the truth on prose, less on digits and emoji. The seal settles an overrun. */
export function estimateTokens(text: string): number {
  return Math.ceil(utf8.encode(text).length / BYTES_PER_TOKEN);
}

/** want covers every call the turn may make; min is its first call with the shortest answer worth giving. */
export function estimateHold(calls: readonly PlannedCall[], outputTokensMin: number): HoldEstimate {
  const first = calls[0];
  if (first === undefined) return { wantMillicredits: 0n, minMillicredits: 0n };
  const shortest = Math.min(outputTokensMin, first.outputTokensMax);
  return {
    wantMillicredits: calls.reduce((sum, call) => sum + priceCallOf(call, call.outputTokensMax), 0n),
    minMillicredits: priceCallOf(first, shortest),
  };
}

/** How many output tokens a hold still pays for when it is smaller than wanted: the answer gets shorter first. */
export function outputTokensWithin(call: PlannedCall, heldMillicredits: bigint): number {
  let low = 0;
  let high = call.outputTokensMax;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (priceCallOf(call, middle) <= heldMillicredits) low = middle;
    else high = middle - 1;
  }
  return low;
}

function priceCallOf(call: PlannedCall, outputTokens: number): bigint {
  return priceUnits({ input: call.inputTokens, output: outputTokens }, call.rates);
}
