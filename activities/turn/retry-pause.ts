import { setTimeout as sleep } from 'node:timers/promises';

import { ApplicationFailure } from '@temporalio/activity';

/**
 * The pause a provider asks for is waited out here, under the lease: Temporal would hear of nothing until it is over,
 * and whoever stops the answer, takes over or writes on would wait as long. Gives what is to be thrown then.
 */
export async function waitOutPause(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof ApplicationFailure) || error.nonRetryable === true) return error;
  const { type, message } = error;
  const pauseMs: unknown = error.nextRetryDelay;
  if (typeof pauseMs !== 'number') return error;
  // Broken off, the next try begins at once and sees why.
  await sleep(pauseMs, undefined, { signal }).catch(() => null);
  return ApplicationFailure.create({ message, ...(type == null ? {} : { type }), nextRetryDelay: 1 });
}
