import { setTimeout as sleep } from 'node:timers/promises';

import { ApplicationFailure, Context } from '@temporalio/activity';

import { pauseAfterTry, type Retries } from '#domain/turn-retries.ts';

import type { TurnDeps } from './turn-deps.ts';

/** Between two tries a turn holds its place in the worker without any work: meanwhile another one may be begun. */
export function restBetweenTries<Input, Output>(
  { aside }: Pick<TurnDeps, 'aside'>,
  retries: Readonly<Retries>,
  run: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await run(input);
    } catch (error) {
      if (isTriedAgain(error)) {
        const pauseMs = pauseAfterTry(Context.current().info.attempt, retries);
        void aside(() => sleep(pauseMs, undefined, { ref: false }));
      }
      throw error;
    }
  };
}

/** A pause that a provider asked for was waited out before. */
function isTriedAgain(error: unknown): boolean {
  if (!(error instanceof ApplicationFailure)) return true;
  return error.nonRetryable !== true && error.nextRetryDelay == null;
}
