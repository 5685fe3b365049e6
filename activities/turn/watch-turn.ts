import { burstOf } from '#domain/persona.ts';
import { lookAtTurn, type TurnSight } from '#models/look-at-turn.ts';
import type { OpenedTurn } from '#models/open-turn.ts';

import type { AnswerRelease } from './release-answer.ts';
import type { TurnDeps } from './turn-deps.ts';

/** Why the call to the model is broken off. */
export type Interrupt = 'lost' | 'fenced' | 'stopped' | 'superseded';

export interface TurnWatch {
  /** Aborted with the interrupt. */
  signal: AbortSignal;
  interrupt(): Interrupt | null;
  /** Looks now; a piece of text that was refused says that something has happened. */
  look(): void;
  close(): void;
}

const LEASE_RENEWAL_MS = 1000;

/** Whether the turn may go on, asked each second with the lease's renewal, and at once when the doorbell rings. */
export function watchTurn(
  { knex, stopBoard, leaseToken, logger }: TurnDeps,
  opened: OpenedTurn,
  release: Pick<AnswerRelease, 'isUntouched' | 'halt'>,
): TurnWatch {
  const calling = new AbortController();
  let interrupt: Interrupt | null = null;
  let looking = false;
  let lookAgain = false;

  async function look(): Promise<void> {
    lookAgain = looking;
    if (looking || interrupt !== null) return;
    looking = true;
    try {
      const sight = await lookAtTurn(knex, opened, leaseToken);
      end(interruptOf(sight, mayBeCovered(opened) && release.isUntouched()));
    } catch (error) {
      // The database being away for a moment is no reason to stop: the commit decides.
      logger.warn({ error, turnId: opened.turnId }, 'lease not renewed');
    }
    looking = false;
    if (lookAgain) await look();
  }

  function end(found: Interrupt | null): void {
    if (found === null) return;
    interrupt = found;
    release.halt();
    calling.abort();
  }

  const renewal = setInterval(() => void look(), LEASE_RENEWAL_MS);
  const leave = stopBoard.watch(opened.sessionId, () => void look());
  return {
    signal: calling.signal,
    interrupt: () => interrupt,
    look: () => void look(),
    close() {
      clearInterval(renewal);
      leave();
    },
  };
}

/** A later message may be answered instead of this one, as long as this try shows nothing either. */
export function mayBeCovered({ persona, channel, wasShown }: OpenedTurn): boolean {
  return !wasShown && burstOf(persona.snapshot, channel) === 'supersede';
}

function interruptOf(sight: TurnSight | null, isCoverable: boolean): Interrupt | null {
  // A newer try will answer the turn: this call is not worth its tokens any more.
  if (sight === null) return 'lost';
  if (sight.isFenced) return 'fenced';
  if (sight.isStopped) return 'stopped';
  return isCoverable && sight.laterTurnId !== null ? 'superseded' : null;
}
