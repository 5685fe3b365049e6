import type { RateState } from './request-rate.ts';

/**
 * The two list fields of draft-ietf-httpapi-ratelimit-headers (10): quota and window of each rate, and what is left of
 * it for how many seconds. Whom a rate counts is not told: its subject may be an address or a token.
 */
export function rateHeaders(states: readonly RateState[]): { 'RateLimit-Policy': string; RateLimit: string } {
  return {
    'RateLimit-Policy': states
      .map(({ name, max, windowSeconds }) => `"${name}";q=${max};w=${windowSeconds}`)
      .join(', '),
    RateLimit: states.map(({ name, left, resetSeconds }) => `"${name}";r=${left};t=${resetSeconds}`).join(', '),
  };
}
