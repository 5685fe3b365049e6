import type { EndedTurn } from '#domain/ended-turn.ts';
import type { SeenTurn } from '#models/commands/close-unchanged.ts';
import { recordTurn, type RecordedTurn } from '#models/commands/record-turn.ts';

import type { TurnDeps } from './turn-deps.ts';

/** Puts an end on record, then tells whoever waits: the visitor has the answer before the workflow does. */
export async function endTurn(deps: TurnDeps, ended: EndedTurn, seen: SeenTurn | null = null): Promise<RecordedTurn> {
  const recorded = await recordTurn(deps, ended, { now: deps.clock.now(), seen });
  if (recorded.kind === 'overtaken') return recorded;
  deps.announce(recorded.answer, recorded.endpointIds);
  deps.ledger.pokeSeal(ended.tenantId);
  return recorded;
}
