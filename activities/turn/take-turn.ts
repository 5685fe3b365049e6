import { ApplicationFailure, Context } from '@temporalio/activity';

import type { TurnId } from '#domain/ids.ts';
import type { TurnOutcome, TurnRef } from '#domain/turn.ts';

import { answerTurn } from './answer-turn.ts';
import { failTurnActivity } from './fail-turn.ts';
import { openTurn } from './open-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

/**
 * Local activity: short on Temporal, whole in PostgreSQL. A retry finds each finished step and goes on from there;
 * a try that a newer one has overtaken begins anew, which is to wait for that one's outcome.
 */
export function takeTurnActivity(deps: TurnDeps) {
  const running = new Map<TurnId, Promise<TurnOutcome>>();
  const failTurn = failTurnActivity(deps);

  function takeTurn(turn: TurnRef): Promise<TurnOutcome> {
    // A late heartbeat makes the server hand a turn out again while the first try still runs: join it.
    const started = running.get(turn.turnId);
    if (started !== undefined) return started;
    const taken = openAndAnswer(turn).finally(() => running.delete(turn.turnId));
    running.set(turn.turnId, taken);
    return taken;
  }

  async function openAndAnswer(turn: TurnRef): Promise<TurnOutcome> {
    for (;;) {
      const opened = await openTurn(deps, turn);
      // Out of credits, nothing to answer from, owned by a person, or done by an earlier try: the outcome is on record.
      if (opened.state === 'closed') return { outcome: opened.outcome };
      if (opened.state === 'open') {
        const answered = await answerTurn(deps, opened.prepared, Context.current().cancellationSignal);
        if (answered !== 'overtaken') return answered;
      }
      if (opened.state === 'behind') await takeFirst(opened.before);
    }
  }

  /** The order of a conversation is the order of acceptance; when this turn's own hand-over arrives, it is done. */
  async function takeFirst(before: TurnRef): Promise<TurnOutcome> {
    try {
      return await takeTurn(before);
    } catch (error) {
      // What is hopeless for that turn must not become the outcome of the one behind it.
      if (!(error instanceof ApplicationFailure) || error.nonRetryable !== true) throw error;
      return failTurn({ ...before, problem: error.type ?? 'internal' });
    }
  }
  return takeTurn;
}
