import { FAIL_TURN_RETRIES, TAKE_TURN_RETRIES } from '#domain/turn-retries.ts';

import { withoutWords } from '../without-words.ts';
import { failTurnActivity } from './fail-turn.ts';
import { restBetweenTries } from './rest-between-tries.ts';
import { takeTurnActivity } from './take-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

export function createTurnActivities(deps: TurnDeps) {
  const { logger } = deps;
  return {
    takeTurn: withoutWords(logger, restBetweenTries(deps, TAKE_TURN_RETRIES, takeTurnActivity(deps))),
    failTurn: withoutWords(logger, restBetweenTries(deps, FAIL_TURN_RETRIES, failTurnActivity(deps))),
  };
}

export type TurnActivities = ReturnType<typeof createTurnActivities>;
