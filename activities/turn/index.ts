import { failTurnActivity } from './fail-turn.ts';
import { takeTurnActivity } from './take-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

export function createTurnActivities(deps: TurnDeps) {
  return { takeTurn: takeTurnActivity(deps), failTurn: failTurnActivity(deps) };
}

export type TurnActivities = ReturnType<typeof createTurnActivities>;
