import type { ParameterizedContext } from 'koa';

import { Problem } from '#contract/problems.ts';

import type { RequestState } from '../state.ts';
import type { RateUse } from './limits.ts';
import { rateHeaders } from './rate-headers.ts';
import type { RateState } from './request-rate.ts';

/** Counts the request against each, tells what is left, and refuses it with the first that is used up. */
export async function applyLimits(
  ctx: Pick<ParameterizedContext<RequestState>, 'state' | 'append'>,
  uses: readonly RateUse[],
): Promise<void> {
  const states: RateState[] = [];
  for (const use of uses) {
    const state = await ctx.state.limits.take(use);
    states.push(state);
    if (state.isOver) break;
  }
  // Both are list fields: what another step of the same route tells stands in lines of its own.
  for (const [name, value] of Object.entries(rateHeaders(states))) ctx.append(name, value);
  const over = states.find(({ isOver }) => isOver);
  if (over !== undefined) throw tooMany(over);
}

function tooMany({ name, max, windowSeconds, resetSeconds }: RateState): Problem {
  return new Problem('rate-limited', {
    detail: `More than ${max} requests in ${windowSeconds} seconds (${name}). Wait for the seconds in Retry-After.`,
    extensions: { limit: name },
    headers: { 'Retry-After': String(resetSeconds) },
  });
}
