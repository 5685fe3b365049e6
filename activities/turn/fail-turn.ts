import { UNSEEN } from '#domain/ended-turn.ts';
import { fixedText } from '#domain/fixed-texts.ts';
import type { TurnOutcome, TurnRef } from '#domain/turn.ts';
import { turnBefore } from '#models/open-turn.ts';
import { readFailedAttempts } from '#models/provider-attempt.ts';
import { readFailingTurn } from '#models/failing-turn.ts';

import { endTurn } from './end-turn.ts';
import type { TurnDeps } from './turn-deps.ts';

/** The end of a turn that found no answer: an apology in the visitor's language, and nothing charged. */
export function failTurnActivity(deps: TurnDeps) {
  return async function failTurn({ problem, ...turn }: TurnRef & { problem: string }): Promise<TurnOutcome> {
    // A turn whose time ran out behind another one takes it along: replies stand in the order of their messages.
    const before = await turnBefore(deps.knex, turn);
    if (before !== null) await failTurn({ ...before, problem });
    const failing = await readFailingTurn(deps.knex, turn);
    const ended = await endTurn(deps, {
      tenantId: turn.tenantId,
      turnId: turn.turnId,
      // No try of it is waited for any more: one that still runs finds this outcome.
      attempt: null,
      outcome: 'failed',
      text: fixedText('failed', { language: failing.language, name: failing.personaName }),
      citations: [],
      calls: await readFailedAttempts(deps.knex, turn),
      retrieval: [],
      ownerEpoch: failing.ownerEpoch,
      pricebookVersion: failing.pricebookVersion,
      policyHash: failing.policyHash,
      problem,
      modelMs: null,
      ...UNSEEN,
    });
    if (ended.kind === 'overtaken') throw new Error(`turn ${turn.turnId} has no try to be overtaken by`);
    return { outcome: ended.answer.outcome };
  };
}
