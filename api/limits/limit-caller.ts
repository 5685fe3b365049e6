import { addressGroup } from '#platform/address-group.ts';
import type { ParameterizedContext } from 'koa';

import type { Caller, RequestState } from '../state.ts';
import { applyLimits } from './apply-limits.ts';

/** A token or key has its own rate. Who tries without a valid one is counted by address, and so cannot guess on. */
export async function limitCaller(ctx: ParameterizedContext<RequestState>, caller: Caller | null): Promise<void> {
  const use =
    caller === null
      ? ({ rate: 'reads', subject: addressGroup(ctx.ip) } as const)
      : ({ rate: 'signed-in', subject: caller.credential.tokenHash } as const);
  await applyLimits(ctx, [use]);
}
