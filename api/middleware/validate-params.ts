import { Problem } from '#contract/problems.ts';
import type { z } from 'zod';

import type { ParamsState, Step } from '../state.ts';

/** Leaves the parts of the path in `ctx.state.params`. An id that cannot be one names nothing: 404, no query asked. */
export function validateParams<Schema extends z.ZodType>(schema: Schema): Step<ParamsState<z.output<Schema>>> {
  return async (ctx, next) => {
    const given: unknown = 'params' in ctx ? ctx['params'] : {};
    const parsed = schema.safeParse(given);
    if (!parsed.success) throw new Problem('not-found', { detail: 'Nothing has this id.' });
    ctx.state.params = parsed.data;
    await next();
  };
}
