import { ApplicationFailure } from '@temporalio/workflow';

import type { TurnId } from '#domain/ids.ts';
import type { SubmitTurn } from '#domain/session-handover.ts';
import { OPEN_TURNS_MAX } from '#domain/turn.ts';

const KNOWN_MAX = 50;

/** Turns of one session in the order they were accepted. A turn handed over again is known and changes nothing. */
export function turnQueue(start: { waiting: readonly TurnId[]; known: readonly TurnId[] }) {
  const waiting = [...start.waiting];
  const known = [...start.known];

  return {
    add({ turnId }: SubmitTurn): void {
      if (known.includes(turnId)) return;
      known.push(turnId);
      if (known.length > KNOWN_MAX) known.shift();
      waiting.push(turnId);
    },
    /** A second guard: the statement that accepts a message counts the session's open turns already. */
    refuseIfFull({ turnId }: SubmitTurn): void {
      if (waiting.length >= OPEN_TURNS_MAX && !known.includes(turnId)) {
        throw ApplicationFailure.nonRetryable('too many turns wait', 'session-busy');
      }
    },
    hasNext: () => waiting.length > 0,
    next: () => waiting.shift(),
    rest: () => ({ waiting: [...waiting], known: [...known] }),
  };
}
