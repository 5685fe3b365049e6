import type { EndedTurn } from '#domain/ended-turn.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import { recordTurn } from '#models/commands/record-turn.ts';

import type { TurnDeps } from './turn-deps.ts';

/** Puts an end on record, then tells whoever waits: the visitor has the answer before the workflow does. */
export async function endTurn(deps: TurnDeps, ended: EndedTurn): Promise<TurnAnswer> {
  const { answer, endpointIds } = await recordTurn(deps, ended, deps.clock.now());
  deps.announce(answer, endpointIds);
  deps.ledger.pokeSeal(ended.tenantId);
  return answer;
}
