/** Requests a caller may make, per minute or hour. The operator's policy is where they are set, not the code. */
export interface Rates {
  chatPerSessionMinute: number;
  chatPerSessionHour: number;
  chatPerAddressMinute: number;
  chatPerKeyMinute: number;
  signedInPerTokenMinute: number;
  anonymousReadsPerAddressMinute: number;
  signUpPerAddressHour: number;
  passwordMailPerAddressHour: number;
}

export interface OperatorPolicy {
  schema: 'bob.policy.v1';
  rates: Rates;
  turnsInFlightPerTenant: number;
}

/** The published limits, or wide ones for a machine of one's own, where loops and load come from loopback. */
export function firstOperatorPolicy({ rateFactor }: { rateFactor: number }): OperatorPolicy {
  return {
    schema: 'bob.policy.v1',
    rates: {
      chatPerSessionMinute: 10 * rateFactor,
      chatPerSessionHour: 100 * rateFactor,
      chatPerAddressMinute: 30 * rateFactor,
      chatPerKeyMinute: 600 * rateFactor,
      signedInPerTokenMinute: 600 * rateFactor,
      anonymousReadsPerAddressMinute: 300 * rateFactor,
      signUpPerAddressHour: 10 * rateFactor,
      passwordMailPerAddressHour: 5 * rateFactor,
    },
    turnsInFlightPerTenant: 100,
  };
}

/** A stored document as a whole policy: a figure that an older one does not name is the published one. */
export function completePolicy(stored: { rates?: Partial<Rates>; turnsInFlightPerTenant?: number }): OperatorPolicy {
  const published = firstOperatorPolicy({ rateFactor: 1 });
  return { ...published, ...stored, rates: { ...published.rates, ...stored.rates } };
}
