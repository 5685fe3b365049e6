import type { TurnActivities } from '#activities/turn/index.ts';
import type { TurnRef, TurnOutcome } from '#domain/turn.ts';
import type { Metrics } from '#platform/metrics.ts';

/** Counted where a turn's workflow hears of its end: once each, whoever ended it, and a lost report once more. */
export function countTurns({ takeTurn, failTurn }: TurnActivities, metrics: Metrics): TurnActivities {
  function counted<Turn extends TurnRef>(run: (turn: Turn) => Promise<TurnOutcome>) {
    return async (turn: Turn): Promise<TurnOutcome> => {
      const ended = await run(turn);
      metrics.countTurn(ended.outcome);
      return ended;
    };
  }
  return { takeTurn: counted(takeTurn), failTurn: counted(failTurn) };
}
