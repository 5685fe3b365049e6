import { Problem } from '#contract/problems.ts';
import type { z } from 'zod';

import type { BodyState, Step } from '../state.ts';
import { fieldFaults, textFaults } from './field-faults.ts';
import { readJson } from './read-json.ts';

/** Leaves the parsed body in `ctx.state.body`, or answers with all its faults at once. */
export function validateBody<Schema extends z.ZodType>(schema: Schema): Step<BodyState<z.output<Schema>>> {
  return async (ctx, next) => {
    const sent = await readJson(ctx);
    const parsed = schema.safeParse(sent);
    const faults = parsed.success ? textFaults(parsed.data) : fieldFaults(parsed.error);
    if (!parsed.success || faults.length > 0) {
      throw new Problem('invalid-body', {
        detail: faults.length === 1 ? 'One field is wrong.' : `${faults.length} fields are wrong.`,
        extensions: { errors: faults },
      });
    }
    ctx.state.body = parsed.data;
    await next();
  };
}
