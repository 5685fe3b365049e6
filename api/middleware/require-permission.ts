import { Problem } from '#contract/problems.ts';
import type { Permission } from '#domain/permissions.ts';

import type { Actor, SignedInState, Step } from '../state.ts';

/** Stands below `authenticate()`. Routes name permissions; which role has which is known to `domain` alone. */
export function requirePermission(permission: Permission): Step<SignedInState> {
  return async (ctx, next) => {
    demandPermission(ctx.state.actor, permission);
    await next();
  };
}

/** For what only a part of a request needs. */
export function demandPermission({ permissions }: Actor, permission: Permission): void {
  if (permissions.has(permission)) return;
  throw new Problem('forbidden', { detail: `This needs the permission ${permission}.`, extensions: { permission } });
}
