import type { ParameterizedContext } from 'koa';

import type { Permission } from '#domain/permissions.ts';

import type { SignedInState } from '../state.ts';

/** While a stream is open sessions end, keys are revoked and people leave. */
export function stillPermitted(ctx: ParameterizedContext<SignedInState>, permission: Permission) {
  return async (): Promise<boolean> => {
    const caller = await ctx.state.identifyAnew();
    return caller?.actor.permissions.has(permission) ?? false;
  };
}
