import { waiveRest } from '#domain/credits/waive-calls.ts';
import type { TurnOutcome } from '#domain/turn.ts';
import type { ModelCall } from '#domain/usage.ts';
import { renewLease } from '#models/open-turn.ts';
import { keepFailedAttempts } from '#models/provider-attempt.ts';
import { startStopwatch } from '#platform/clock.ts';

import { composeAnswer, type ComposedAnswer } from './compose-answer.ts';
import { endTurn } from './end-turn.ts';
import type { PaidTurn } from './hold-credits.ts';
import type { TurnDeps } from './turn-deps.ts';

const LEASE_RENEWAL_MS = 1000;

/** Second half of a turn: model, checks, and the one transaction that makes it true. */
export async function answerTurn(deps: TurnDeps, paid: PaidTurn, signal: AbortSignal): Promise<TurnOutcome> {
  const lost = new AbortController();
  const lease = setInterval(() => void keepLease(deps, paid, lost), LEASE_RENEWAL_MS);
  const watch = startStopwatch();
  try {
    const composed = await composeAnswer(deps, paid, AbortSignal.any([signal, lost.signal]));
    return await record(deps, paid, { ...composed, modelMs: Math.round(watch.elapsedMs()) });
  } finally {
    clearInterval(lease);
  }
}

async function record(
  deps: TurnDeps,
  { opened, pricebookVersion }: PaidTurn,
  composed: ComposedAnswer & { modelMs: number },
): Promise<TurnOutcome> {
  const { tenantId, turnId, ownerEpoch, policyHash } = opened;
  try {
    const ended = { ...composed, tenantId, turnId, ownerEpoch, pricebookVersion, policyHash, problem: null };
    const { outcome } = await endTurn(deps, ended);
    return { outcome };
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

/** Another process that took the turn over will answer it: this call is not worth its tokens any more. */
async function keepLease(
  { knex, leaseToken, logger }: TurnDeps,
  { opened }: PaidTurn,
  lost: AbortController,
): Promise<void> {
  try {
    if (!(await renewLease(knex, opened, leaseToken))) lost.abort();
  } catch (error) {
    // The database being away for a moment is no reason to stop: the commit decides.
    logger.warn({ error, turnId: opened.turnId }, 'lease not renewed');
  }
}
