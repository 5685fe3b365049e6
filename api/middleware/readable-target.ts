import { Problem } from '#contract/problems.ts';
import type { ParameterizedContext } from 'koa';

import type { Step } from '../state.ts';

/** Stands before whatever looks at the path: a request line can name its target in a form that no parser reads. */
export function readableTarget(): Step {
  return async (ctx, next) => {
    if (targetPath(ctx) === null) {
      throw new Problem('malformed-url', { detail: 'The target of the request is no address.' });
    }
    await next();
  };
}

/** The path, or null where asking for it would throw. */
export function targetPath(ctx: Pick<ParameterizedContext, 'path'>): string | null {
  try {
    return ctx.path;
  } catch {
    return null;
  }
}
