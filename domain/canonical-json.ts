export type CanonicalValue =
  | null
  | boolean
  | number
  | string
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/**
 * JSON in the canonical form of RFC 8785, for what we hash. Restricted on purpose: a fraction or an unsafe integer may
 * read differently elsewhere, and a lone surrogate has no bytes in UTF-8, so all three are refused, not guessed.
 */
export function canonicalJson(value: CanonicalValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return canonicalNumber(value);
  if (typeof value === 'string') return canonicalString(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value);
  throw new TypeError(`canonical JSON has no form for a ${typeof value}`);
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function canonicalNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`canonical JSON takes safe integers only, not ${value}`);
  // Negative zero prints as 0, as RFC 8785 asks.
  return String(value);
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new RangeError('canonical JSON refuses a lone surrogate');
  return JSON.stringify(value);
}

function canonicalObject(value: { readonly [name: string]: CanonicalValue }): string {
  // The default sort compares UTF-16 code units, which is the order of RFC 8785.
  const members = Object.keys(value)
    .toSorted()
    .map((name) => `${canonicalString(name)}:${canonicalJson(memberOf(value, name))}`);
  return `{${members.join(',')}}`;
}

function memberOf(value: { readonly [name: string]: CanonicalValue }, name: string): CanonicalValue {
  const member = value[name];
  if (member === undefined) throw new TypeError(`canonical JSON refuses undefined at ${name}`);
  return member;
}
