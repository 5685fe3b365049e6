/** Requests a caller may make, per minute or hour. The operator's policy is where they are set, not the code. */
export interface OperatorPolicy {
  schema: 'bob.policy.v1';
  rates: Readonly<Record<RateName, number>>;
  turnsInFlightPerTenant: number;
}

const RATES = {
  chatPerSessionMinute: 10,
  chatPerSessionHour: 100,
  chatPerAddressMinute: 30,
  chatPerKeyMinute: 600,
  signedInPerTokenMinute: 600,
  anonymousReadsPerAddressMinute: 300,
  signUpPerAddressHour: 10,
  passwordMailPerAddressHour: 5,
} as const;

export type RateName = keyof typeof RATES;

/** The published limits, or wide ones for a machine of one's own, where loops and load come from loopback. */
export function firstOperatorPolicy({ rateFactor }: { rateFactor: number }): OperatorPolicy {
  const names = Object.keys(RATES) as RateName[];
  const rates = Object.fromEntries(names.map((name) => [name, RATES[name] * rateFactor])) as Record<RateName, number>;
  return { schema: 'bob.policy.v1', rates, turnsInFlightPerTenant: 100 };
}
