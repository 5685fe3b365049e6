import { addressGroup } from '#platform/address-group.ts';
import type { ParameterizedContext } from 'koa';

import type { RequestState, Step } from '../state.ts';
import { applyLimits } from './apply-limits.ts';
import type { RateName } from './limits.ts';

/** Calls without sign-in that begin no turn: pages, prices, a visitor's own conversation, signing in. */
export function limitReads(): Step {
  return limitByAddress('reads');
}

/** Stands below `validateBody()`, so that a mistyped form costs none, and above the work. */
export function limitSignUp(): Step {
  return limitByAddress('sign-up');
}

/** As `limitSignUp()`: each admitted request may send a mail to somebody who did not ask for it. */
export function limitPasswordMail(): Step {
  return limitByAddress('password-mail');
}

/** One of those reads, where a step decides for itself whether it is one. */
export function countRead(ctx: ParameterizedContext<RequestState>): Promise<void> {
  return countByAddress(ctx, 'reads');
}

function limitByAddress(rate: RateName): Step {
  return async (ctx, next) => {
    await countByAddress(ctx, rate);
    await next();
  };
}

function countByAddress(ctx: ParameterizedContext<RequestState>, rate: RateName): Promise<void> {
  return applyLimits(ctx, [{ rate, subject: addressGroup(ctx.ip) }]);
}
