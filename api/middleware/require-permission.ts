import { Problem } from '#contract/problems.ts';
import type { Permission } from '#domain/permissions.ts';

import type { SignedInState, Step } from '../state.ts';

/** Stands below `authenticate()`. Routes name permissions; which role has which is known to `domain` alone. */
export function requirePermission(permission: Permission): Step<SignedInState> {
  return async (ctx, next) => {
    if (!ctx.state.actor.permissions.has(permission)) {
      throw new Problem('forbidden', {
        detail: `This needs the permission ${permission}.`,
        extensions: { permission },
      });
    }
    await next();
  };
}
