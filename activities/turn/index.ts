import { withoutWords } from '../without-words.ts';
import { failTurnActivity } from './fail-turn.ts';
import { takeTurnActivity } from './take-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

export function createTurnActivities(deps: TurnDeps) {
  const { logger } = deps;
  return {
    takeTurn: withoutWords(logger, takeTurnActivity(deps)),
    failTurn: withoutWords(logger, failTurnActivity(deps)),
  };
}

export type TurnActivities = ReturnType<typeof createTurnActivities>;
