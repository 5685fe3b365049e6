import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  proxyLocalActivities,
  TimeoutFailure,
} from '@temporalio/workflow';

import type { TurnActivities } from '#activities/turn/index.ts';
import { SESSION_SETTINGS, type SessionStart } from '#domain/session-handover.ts';
import type { TurnOutcome, TurnRef } from '#domain/turn.ts';
import { FAIL_TURN_RETRIES, TAKE_TURN_RETRIES } from '#domain/turn-retries.ts';

// No turn stays open: this one is tried until it is on record.
const { failTurn } = proxyLocalActivities<TurnActivities>({
  startToCloseTimeout: '10s',
  retry: FAIL_TURN_RETRIES,
});

/** One turn. Only ids pass through here; every text stays in PostgreSQL, and the visitor hears before we do. */
export function turnRunner({ tryMs, turnMs }: Pick<SessionStart, 'tryMs' | 'turnMs'>) {
  // Tries are not counted, model calls are (provider_attempt): a database away for seconds costs a wait, not the turn.
  const { takeTurn } = proxyLocalActivities<TurnActivities>({
    startToCloseTimeout: tryMs ?? SESSION_SETTINGS.tryMs,
    scheduleToCloseTimeout: turnMs ?? SESSION_SETTINGS.turnMs,
    retry: TAKE_TURN_RETRIES,
  });

  return async function runTurn(turn: TurnRef): Promise<TurnOutcome> {
    try {
      return await takeTurn(turn);
    } catch (error) {
      // A turn that answered nothing costs nothing. If its answer was committed after all, that outcome comes back.
      const problem = problemOf(error);
      return CancellationScope.nonCancellable(() => failTurn({ ...turn, problem }));
    }
  };
}

/** The stable slug of what went wrong; the words of an error stay in the worker's log. */
function problemOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return cause.type ?? 'internal';
  return cause instanceof TimeoutFailure ? 'turn-timeout' : 'internal';
}
