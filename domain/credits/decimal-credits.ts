const MILLICREDITS_PER_CREDIT = 1000n;
const DECIMAL_CREDITS = /^(-?)(0|[1-9]\d*)\.(\d{3})$/;

/** Millicredits as the wire shows credits: always three places, never a float. */
export function formatCredits(millicredits: bigint): string {
  const size = millicredits < 0n ? -millicredits : millicredits;
  const fraction = String(size % MILLICREDITS_PER_CREDIT).padStart(3, '0');
  return `${millicredits < 0n ? '-' : ''}${size / MILLICREDITS_PER_CREDIT}.${fraction}`;
}

/** The exact inverse of `formatCredits`; null for any other text. */
export function parseCredits(text: string): bigint | null {
  const match = DECIMAL_CREDITS.exec(text);
  if (match === null) return null;
  const size = BigInt(`${match[2]}${match[3]}`);
  if (match[1] !== '-') return size;
  return size === 0n ? null : -size;
}

/** An amount as hashed documents carry it: a JSON integer, refused where JSON readers would start to round. */
export function exactNumber(amount: bigint): number {
  const number = Number(amount);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${amount} is beyond what a JSON number holds exactly`);
  return number;
}

const MICROCREDIT_PLACES = 6;

/** A rate per 1,000 units in credits: exact, with three places or as many more as it needs. */
export function formatRate(ucrPer1k: number): string {
  const digits = String(ucrPer1k).padStart(MICROCREDIT_PLACES + 1, '0');
  const whole = digits.slice(0, -MICROCREDIT_PLACES);
  return `${whole}.${digits.slice(-MICROCREDIT_PLACES).replace(/0{1,3}$/, '')}`;
}
