import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';

import type { Logger } from '#platform/logger.ts';

/**
 * An activity's failure is written into Temporal's history, and an error of the database may carry the row it failed
 * on. So a surprise goes whole into our own log, which knows what to leave out, and into history as a bare slug.
 */
export function withoutWords<Input, Output>(
  logger: Logger,
  run: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await run(input);
    } catch (error) {
      throw translate(logger, error);
    }
  };
}

/** What the product threw on purpose names a slug already; a cancellation must stay one. */
function translate(logger: Logger, error: unknown): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  logger.warn({ error }, 'activity failed, it will be tried again');
  return ApplicationFailure.create({ message: 'internal', type: 'internal' });
}
