import type { TurnOutcome } from '#domain/turn.ts';
import { renewLease } from '#models/open-turn.ts';
import { startStopwatch } from '#platform/clock.ts';

import { composeAnswer } from './compose-answer.ts';
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
    const { opened } = paid;
    const answer = await endTurn(deps, {
      ...composed,
      tenantId: opened.tenantId,
      turnId: opened.turnId,
      ownerEpoch: opened.ownerEpoch,
      pricebookVersion: paid.pricebookVersion,
      policyHash: opened.policyHash,
      problem: null,
      modelMs: Math.round(watch.elapsedMs()),
    });
    return { outcome: answer.outcome };
  } finally {
    clearInterval(lease);
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
