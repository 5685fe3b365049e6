import type { Knex } from 'knex';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import { countRequest } from '#models/commands/count-request.ts';
import type { Clock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';

/** What one subject has of one rate after a request. */
export interface RateState {
  name: string;
  max: number;
  windowSeconds: number;
  left: number;
  /** Until there is more. */
  resetSeconds: number;
  isOver: boolean;
}

export interface RateWindow {
  name: string;
  windowSeconds: number;
}

export interface RequestRate {
  take(subject: string, max: number): Promise<RateState>;
}

/** Counted in this process: behind N processes the limit is N-fold, and no request pays a round trip for it. */
export function memoryRate({ name, windowSeconds }: RateWindow): RequestRate {
  // What is too many is decided here, by the policy of now, so the package only counts.
  const counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: windowSeconds, keyPrefix: '' });
  return {
    async take(subject, max) {
      const { consumedPoints, msBeforeNext } = await counter.consume(subject);
      return {
        name,
        max,
        windowSeconds,
        left: Math.max(0, max - consumedPoints),
        resetSeconds: wholeSeconds(msBeforeNext),
        isOver: consumedPoints > max,
      };
    },
  };
}

/** Counted in PostgreSQL: exact however many processes and requests race. For what is rare and costs somebody. */
export function sharedRate(
  { name, windowSeconds }: RateWindow,
  { knex, clock }: { knex: Knex; clock: Clock },
): RequestRate {
  const windowMs = windowSeconds * 1000;
  return {
    async take(subject, max) {
      const at = clock.now();
      const since = new Date(at.getTime() - windowMs);
      const { taken, oldestAt } = await countRequest(knex, {
        realm: name,
        subject: sha256Hex(subject),
        max,
        since,
        at,
      });
      const freeAt = (oldestAt ?? at).getTime() + windowMs;
      return {
        name,
        max,
        windowSeconds,
        left: Math.max(0, max - taken - 1),
        resetSeconds: wholeSeconds(freeAt - at.getTime()),
        isOver: taken >= max,
      };
    },
  };
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
