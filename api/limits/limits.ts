import type { Knex } from 'knex';

import type { OperatorPolicy } from '#domain/operator-policy.ts';
import type { Clock } from '#platform/clock.ts';

import type { PolicyReader } from './policy-reader.ts';
import { memoryRate, type RateState, type RequestRate, sharedRate } from './request-rate.ts';

const MINUTE = 60;
const HOUR = 3600;

type Figure = keyof OperatorPolicy['rates'];

/** Every rate: which figure of the operator's policy sets it, how long it counts, and whether processes share it. */
const RATES = {
  'chat-address': { figure: 'chatPerAddressMinute', windowSeconds: MINUTE, isShared: false },
  'chat-key': { figure: 'chatPerKeyMinute', windowSeconds: MINUTE, isShared: false },
  'chat-session': { figure: 'chatPerSessionMinute', windowSeconds: MINUTE, isShared: false },
  'chat-session-hour': { figure: 'chatPerSessionHour', windowSeconds: HOUR, isShared: false },
  'signed-in': { figure: 'signedInPerTokenMinute', windowSeconds: MINUTE, isShared: false },
  reads: { figure: 'anonymousReadsPerAddressMinute', windowSeconds: MINUTE, isShared: false },
  'sign-up': { figure: 'signUpPerAddressHour', windowSeconds: HOUR, isShared: true },
  'password-mail': { figure: 'passwordMailPerAddressHour', windowSeconds: HOUR, isShared: true },
} as const satisfies Record<string, { figure: Figure; windowSeconds: number; isShared: boolean }>;

export type RateName = keyof typeof RATES;

/** One request counted against one subject: an address, a token, a session. */
export interface RateUse {
  rate: RateName;
  subject: string;
}

export interface Limits {
  take(use: RateUse): Promise<RateState>;
}

export function createLimits({ policy, ...shared }: { policy: PolicyReader; knex: Knex; clock: Clock }): Limits {
  const rates = new Map<RateName, RequestRate>();

  function rateOf(name: RateName): RequestRate {
    const known = rates.get(name);
    if (known !== undefined) return known;
    const { windowSeconds, isShared } = RATES[name];
    const rate = isShared ? sharedRate({ name, windowSeconds }, shared) : memoryRate({ name, windowSeconds });
    rates.set(name, rate);
    return rate;
  }

  return {
    async take({ rate, subject }) {
      const { rates: figures } = await policy.read();
      return rateOf(rate).take(subject, figures[RATES[rate].figure]);
    },
  };
}
