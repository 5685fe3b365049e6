import { Problem } from '#contract/problems.ts';
import type { z } from 'zod';

import type { BodyState, Step } from '../state.ts';
import { fieldFaults, tellFaults, textFaults } from './field-faults.ts';
import { readJson } from './read-json.ts';

/** Leaves the parsed body in `ctx.state.body`, or answers with its faults at once. */
export function validateBody<Schema extends z.ZodType>(schema: Schema): Step<BodyState<z.output<Schema>>> {
  return async (ctx, next) => {
    const sent = await readJson(ctx);
    const parsed = schema.safeParse(sent);
    const faults = parsed.success ? textFaults(parsed.data) : fieldFaults(parsed.error);
    if (!parsed.success || faults.length > 0) {
      const { detail, errors } = tellFaults(faults);
      throw new Problem('invalid-body', { detail, extensions: { errors } });
    }
    ctx.state.body = parsed.data;
    await next();
  };
}
