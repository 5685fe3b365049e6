import { Problem } from '#contract/problems.ts';
import type { z } from 'zod';

import type { QueryState, Step } from '../state.ts';
import { fieldFaults, tellFaults, textFaults } from './field-faults.ts';

/** Leaves the parsed query in `ctx.state.query`, or answers with all its faults at once. */
export function validateQuery<Schema extends z.ZodType>(schema: Schema): Step<QueryState<z.output<Schema>>> {
  return async (ctx, next) => {
    const parsed = schema.safeParse({ ...ctx.query });
    const faults = parsed.success ? textFaults(parsed.data) : fieldFaults(parsed.error);
    if (!parsed.success || faults.length > 0) {
      const errors = tellFaults(faults).errors.map((fault) => ({ ...fault, pointer: fault.pointer.slice(1) }));
      throw new Problem('invalid-query', { detail: 'Query parameters are wrong.', extensions: { errors } });
    }
    ctx.state.query = parsed.data;
    await next();
  };
}
