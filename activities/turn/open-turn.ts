import { setTimeout as sleep } from 'node:timers/promises';

import { Context } from '@temporalio/activity';

import { UNSEEN } from '#domain/ended-turn.ts';
import { fixedText, type FixedTextKey } from '#domain/fixed-texts.ts';
import { choosePassages, type ScoredChunk } from '#domain/grounding.ts';
import type { Outcome, TurnRef } from '#domain/turn.ts';
import { findPassages } from '#models/find-passages.ts';
import { openTurn as claimTurn, turnBefore, type OpenedTurn } from '#models/open-turn.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';

import { endTurn } from './end-turn.ts';
import { holdCredits, type PaidTurn } from './hold-credits.ts';
import type { TurnDeps } from './turn-deps.ts';
import { mayBeCovered } from './watch-turn.ts';

export type Opening =
  | { state: 'closed'; outcome: Outcome }
  | { state: 'behind'; before: TurnRef }
  /** A newer try has the turn: its outcome is waited for, or its lease. */
  | { state: 'overtaken' }
  | { state: 'open'; prepared: PaidTurn };

/** First half of a turn: who may speak, from what, and whether it is paid for. Ends the turn where one says no. */
export async function openTurn(deps: TurnDeps, turn: TurnRef): Promise<Opening> {
  const claimed = await claimOrWait(deps, turn);
  if (claimed.state !== 'claimed') return claimed;
  const { opened } = claimed;
  const end = endBeforehand(opened);
  if (end !== null) return closeWithText(deps, opened, end);
  const passages = await retrieve(deps, opened);
  if (opened.persona.snapshot.grounding.mode === 'required' && passages.length === 0) {
    return closeWithText(deps, opened, { outcome: 'refused', key: 'refused' });
  }
  const paid = await holdCredits(deps, opened, passages);
  if (paid === null) return closeWithoutCredits(deps, opened);
  return { state: 'open', prepared: paid };
}

/** How a turn ends, and in which fixed words; without any it stays silent. */
interface FixedEnd {
  outcome: Outcome;
  key: FixedTextKey | null;
}

/** What ends a turn before anything is looked up or held: for nothing of it somebody pays. */
function endBeforehand(opened: OpenedTurn): FixedEnd | null {
  if (opened.owner !== 'ai' || opened.wasTakenOver) return { outcome: 'suppressed_by_human', key: null };
  // What an earlier try has shown is kept by the closing transaction, which looks at the same facts again.
  if (opened.isStopped) return { outcome: 'answered', key: null };
  if (opened.laterTurnId !== null && mayBeCovered(opened)) return { outcome: 'superseded', key: null };
  return opened.isSuspended ? { outcome: 'blocked', key: 'paused' } : null;
}

type Claim = Exclude<Opening, { state: 'open' | 'overtaken' }> | { state: 'claimed'; opened: OpenedTurn };

const LEASE_LOOK_MS = 500;

/** The turn's lease, or its outcome where another process had it: the model is not called again for that one. */
async function claimOrWait(deps: TurnDeps, turn: TurnRef): Promise<Claim> {
  const { cancellationSignal: signal } = Context.current();
  for (;;) {
    const opened = await claimTurn(deps.knex, turn, { lease: deps.leaseToken, at: deps.clock.now() });
    if (opened !== null) return { state: 'claimed', opened };
    const answer = await readTurnAnswer(deps.knex, turn);
    if (answer !== null) return { state: 'closed', outcome: answer.outcome };
    const before = await turnBefore(deps.knex, turn);
    if (before !== null) return { state: 'behind', before };
    await deps.aside(() => sleep(LEASE_LOOK_MS, undefined, { signal }));
  }
}

async function retrieve({ knex }: TurnDeps, opened: OpenedTurn): Promise<ScoredChunk[]> {
  const { grounding } = opened.persona.snapshot;
  if (grounding.mode === 'off') return [];
  const candidates = await findPassages(knex, opened.tenantId, opened.message.text);
  return choosePassages(candidates, grounding.minScore);
}

function closeWithText(deps: TurnDeps, opened: OpenedTurn, { outcome, key }: FixedEnd): Promise<Opening> {
  const { language, persona } = opened;
  const text = key === null ? null : fixedText(key, { language, name: persona.snapshot.identity.name });
  return close(deps, opened, { outcome, text });
}

/** Visitors get a fixed text without an amount; a signed-in caller gets the problem itself, from the API. */
function closeWithoutCredits(deps: TurnDeps, opened: OpenedTurn): Promise<Opening> {
  const key = opened.channel === 'signed_in' ? null : 'credit_stopped';
  return closeWithText(deps, opened, { outcome: 'credit_stopped', key });
}

async function close(
  deps: TurnDeps,
  opened: OpenedTurn,
  { outcome, text }: { outcome: Outcome; text: string | null },
): Promise<Opening> {
  const ended = await endTurn(deps, {
    tenantId: opened.tenantId,
    turnId: opened.turnId,
    attempt: opened.attempt,
    outcome,
    text,
    citations: [],
    calls: opened.failedCalls,
    retrieval: [],
    ownerEpoch: opened.ownerEpoch,
    pricebookVersion: null,
    policyHash: opened.policyHash,
    problem: null,
    modelMs: null,
    ...UNSEEN,
    mayBeCovered: mayBeCovered(opened),
    coveredBy: outcome === 'superseded' ? opened.laterTurnId : null,
  });
  if (ended.kind === 'overtaken') return { state: 'overtaken' };
  return { state: 'closed', outcome: ended.answer.outcome };
}
