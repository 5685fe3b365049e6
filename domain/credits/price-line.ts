/** Counts and rates by pool name; a rate is in microcredits per 1,000 units. */
export type Units = Readonly<Record<string, number>>;
export type Rates = Readonly<Record<string, number>>;

/** Thousandths of a microcredit: units times rate, before any rounding. */
const RAW_PER_MILLICREDIT = 1_000_000n;

/** The exact sum of a line, never rounded. A counted pool without a rate is refused: nothing is free by omission. */
export function rawUcrOf(units: Units, rates: Rates): bigint {
  let sum = 0n;
  for (const [pool, count] of Object.entries(units)) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`pool ${pool} cannot count ${count}`);
    const rate = rates[pool];
    if (rate === undefined && count > 0) throw new RangeError(`pool ${pool} has no rate`);
    sum += BigInt(count) * BigInt(rate ?? 0);
  }
  return sum;
}

/** The one rounding of a line: up to the next millicredit. */
export function millicreditsOfRaw(rawUcr: bigint): bigint {
  return (rawUcr + RAW_PER_MILLICREDIT - 1n) / RAW_PER_MILLICREDIT;
}

export function priceUnits(units: Units, rates: Rates): bigint {
  return millicreditsOfRaw(rawUcrOf(units, rates));
}
