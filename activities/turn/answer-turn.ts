import { waiveRest } from '#domain/credits/waive-calls.ts';
import { UNSEEN, type EndedTurn } from '#domain/ended-turn.ts';
import type { TurnOutcome } from '#domain/turn.ts';
import type { ModelCall } from '#domain/usage.ts';
import { keepFailedAttempts } from '#models/provider-attempt.ts';
import { startStopwatch } from '#platform/clock.ts';

import { composeAnswer, type ComposedAnswer } from './compose-answer.ts';
import { endTurn } from './end-turn.ts';
import type { PaidTurn } from './hold-credits.ts';
import { NO_RELEASE, releaseAnswer, type AnswerRelease } from './release-answer.ts';
import { waitOutPause } from './retry-pause.ts';
import type { TurnDeps } from './turn-deps.ts';
import { mayBeCovered, watchTurn } from './watch-turn.ts';

/** Second half of a turn: model, checks, and the one transaction that makes it true. */
export async function answerTurn(
  deps: TurnDeps,
  paid: PaidTurn,
  signal: AbortSignal,
): Promise<TurnOutcome | 'overtaken'> {
  const { opened } = paid;
  const release = opened.streams ? releaseAnswer(deps, paid, () => watch.look()) : NO_RELEASE;
  const watch = watchTurn(deps, opened, release);
  const stopwatch = startStopwatch();
  const scope = { release, watch, signal: AbortSignal.any([signal, watch.signal]) };
  try {
    const composed = await composeAnswer(deps, paid, scope);
    const modelMs = Math.round(stopwatch.elapsedMs());
    await release.finish();
    return await record(deps, paid, { ...composed, ...seenOf(paid, composed, release), modelMs });
  } catch (error) {
    release.halt();
    throw await deps.aside(() => waitOutPause(error, scope.signal));
  } finally {
    release.halt();
    watch.close();
  }
}

/** What of it has left already, for the record; a piece on its way was waited for. */
function seenOf({ opened }: PaidTurn, composed: ComposedAnswer, release: AnswerRelease) {
  if (!opened.streams) return { ...UNSEEN, mayBeCovered: mayBeCovered(opened) };
  const shown = release.shown();
  const last = composed.calls.length - 1;
  const calls = composed.calls.map((call, index) =>
    index === last ? { ...call, releasedCharacters: shown.length } : call,
  );
  return { ...UNSEEN, calls, shown, mayBeCovered: mayBeCovered(opened) && release.isUntouched() };
}

type ComposedEnd = Omit<
  EndedTurn,
  'tenantId' | 'turnId' | 'attempt' | 'ownerEpoch' | 'pricebookVersion' | 'policyHash' | 'problem'
>;

async function record(
  deps: TurnDeps,
  { opened, pricebookVersion, heldMillicredits }: PaidTurn,
  composed: ComposedEnd,
): Promise<TurnOutcome | 'overtaken'> {
  const { tenantId, turnId, attempt, ownerEpoch, policyHash } = opened;
  try {
    const ended = { ...composed, tenantId, turnId, attempt, ownerEpoch, pricebookVersion, policyHash, problem: null };
    const recorded = await endTurn(deps, ended, { facts: opened.facts, heldMillicredits });
    // Another try's outcome stands: what this one has spent is a cost to nobody but the operator.
    if (recorded.kind !== 'recorded') await keepLostCalls(deps, opened, composed.calls);
    return recorded.kind === 'overtaken' ? recorded.kind : { outcome: recorded.answer.outcome };
  } catch (error) {
    await keepLostCalls(deps, opened, composed.calls);
    throw error;
  }
}

/** What was spent on an answer that is not on record; where this cannot be written either, it is not counted. */
async function keepLostCalls(
  { knex, clock, logger }: TurnDeps,
  opened: PaidTurn['opened'],
  calls: readonly ModelCall[],
): Promise<void> {
  const lost = waiveRest(calls, 'lost_attempt');
  try {
    await keepFailedAttempts(knex, opened, { calls: lost, at: clock.now() });
  } catch (error) {
    logger.warn({ error, turnId: opened.turnId }, 'lost model calls not recorded');
  }
}
