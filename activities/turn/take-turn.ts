import { Context } from '@temporalio/activity';

import type { TurnId } from '#domain/ids.ts';
import type { TurnOutcome, TurnRef } from '#domain/turn.ts';

import { answerTurn } from './answer-turn.ts';
import { openTurn } from './open-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

/** Local activity: short on Temporal, whole in PostgreSQL. A retry finds each finished step and goes on from there. */
export function takeTurnActivity(deps: TurnDeps) {
  const running = new Map<TurnId, Promise<TurnOutcome>>();

  return function takeTurn(turn: TurnRef): Promise<TurnOutcome> {
    // A late heartbeat makes the server hand a turn out again while the first try still runs: join it.
    const started = running.get(turn.turnId);
    if (started !== undefined) return started;
    const taken = openAndAnswer(deps, turn).finally(() => running.delete(turn.turnId));
    running.set(turn.turnId, taken);
    return taken;
  };
}

async function openAndAnswer(deps: TurnDeps, turn: TurnRef): Promise<TurnOutcome> {
  const opened = await openTurn(deps, turn);
  // Out of credits, nothing to answer from, owned by a person, or done by an earlier try: the outcome is on record.
  if (opened.state === 'closed') return { outcome: opened.outcome };
  return answerTurn(deps, opened.prepared, Context.current().cancellationSignal);
}
