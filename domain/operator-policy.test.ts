import { expect, it } from 'vitest';

import { canonicalJson } from './canonical-json.ts';
import { completePolicy, firstOperatorPolicy } from './operator-policy.ts';

it('real use starts with the published limits', () => {
  expect(firstOperatorPolicy({ rateFactor: 1 })).toMatchObject({
    schema: 'bob.policy.v1',
    rates: { chatPerSessionMinute: 10, chatPerAddressMinute: 30, signUpPerAddressHour: 10 },
    turnsInFlightPerTenant: 100,
  });
});

it('a machine of one’s own has every rate wider by one factor, and the same bound on work', () => {
  const published = firstOperatorPolicy({ rateFactor: 1 });
  const wide = firstOperatorPolicy({ rateFactor: 1000 });
  const widened = Object.entries(published.rates).map(([name, rate]) => [name, rate * 1000]);
  expect(wide.rates).toEqual(Object.fromEntries(widened));
  expect(wide.turnsInFlightPerTenant).toBe(published.turnsInFlightPerTenant);
});

it('a policy can be hashed', () => {
  const policy = firstOperatorPolicy({ rateFactor: 1 });
  expect(() => canonicalJson({ ...policy, rates: { ...policy.rates } })).not.toThrow();
});

it('a stored policy of an earlier release has the published figure where it names none', () => {
  const policy = completePolicy({ rates: { chatPerSessionMinute: 3 } });
  expect(policy.rates).toEqual({ ...firstOperatorPolicy({ rateFactor: 1 }).rates, chatPerSessionMinute: 3 });
  expect(policy.turnsInFlightPerTenant).toBe(100);
  expect(completePolicy({})).toEqual(firstOperatorPolicy({ rateFactor: 1 }));
});
