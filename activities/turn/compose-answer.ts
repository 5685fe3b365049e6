import { ApplicationFailure } from '@temporalio/activity';

import { readGroundedText, readHeader, type GroundedText } from '#domain/citation-header.ts';
import { waiveRest } from '#domain/credits/waive-calls.ts';
import type { EndedTurn } from '#domain/ended-turn.ts';
import { fixedText } from '#domain/fixed-texts.ts';
import type { Citation } from '#domain/turn.ts';
import type { ModelCall } from '#domain/usage.ts';
import { keepFailedAttempts } from '#models/provider-attempt.ts';

import { callModel, type CalledModel, type CallScope } from './call-model.ts';
import type { PaidTurn } from './hold-credits.ts';
import type { TurnDeps } from './turn-deps.ts';

export type ComposedAnswer = Pick<EndedTurn, 'outcome' | 'text' | 'citations' | 'calls' | 'retrieval'>;

const OUTCOMES = { fenced: 'suppressed_by_human', stopped: 'answered', superseded: 'superseded' } as const;

/** Calls the model, and once more where the header that names its sources is missing; then it is a refusal. */
export async function composeAnswer(deps: TurnDeps, paid: PaidTurn, scope: CallScope): Promise<ComposedAnswer> {
  const earlier = paid.opened.failedCalls;
  // Answers that could not be recorded count as well: one that the database refuses must not be bought for ever.
  if (earlier.length >= paid.opened.persona.snapshot.model.attempts) {
    throw ApplicationFailure.nonRetryable('answer-not-recorded', 'answer-not-recorded');
  }
  const first = await callModel(deps, paid, { step: 'answer', nth: earlier.length + 1 }, scope);
  if (first.interrupt !== null) return endEarly(paid, first, [...earlier, first.call]);
  const read = readText(paid, first.text);
  if (read.valid) return compose(paid, read, [...earlier, first.call]);

  const made = [...earlier, ...waiveRest([first.call], 'lost_attempt')];
  await keepFailedAttempts(deps.knex, paid.opened, { calls: made.slice(-1), at: deps.clock.now() });
  const interrupt = scope.watch.interrupt();
  if (interrupt !== null) return endEarly(paid, { text: first.text, interrupt }, made);
  const second = await callModel(deps, paid, { step: 'rewrite', nth: earlier.length + 2 }, scope);
  if (second.interrupt !== null) return endEarly(paid, second, [...made, second.call]);
  const reread = readText(paid, second.text);
  if (reread.valid) return compose(paid, reread, [...made, second.call]);
  return refuse(paid, [...made, second.call]);
}

/** What a call had come to when it was broken off. The words that stay are those shown: the record knows them. */
function endEarly(
  paid: PaidTurn,
  { text, interrupt }: Pick<CalledModel, 'text' | 'interrupt'>,
  calls: readonly ModelCall[],
): ComposedAnswer {
  const grounds = readHeader(text)?.grounds;
  const cited = grounds?.kind === 'passages' ? grounds.cited : [];
  return {
    outcome: interrupt === null || interrupt === 'lost' ? 'answered' : OUTCOMES[interrupt],
    text: null,
    citations: citationsOf(paid, cited),
    calls,
    retrieval: retrievalOf(paid, cited),
  };
}

function readText({ opened, passages }: PaidTurn, text: string): GroundedText {
  // Without grounding no header is asked for: the persona's own text answers.
  if (opened.persona.snapshot.grounding.mode === 'off') return { valid: true, grounds: { kind: 'persona' }, text };
  return readGroundedText(text, passages.length);
}

function compose(paid: PaidTurn, read: GroundedText & { valid: true }, calls: readonly ModelCall[]): ComposedAnswer {
  if (read.grounds.kind === 'unknown') return refuse(paid, calls);
  const cited = read.grounds.kind === 'passages' ? read.grounds.cited : [];
  return {
    outcome: 'answered',
    text: read.text,
    citations: citationsOf(paid, cited),
    calls,
    retrieval: retrievalOf(paid, cited),
  };
}

/** A safe refusal when unsure: fixed words, and no charge for the call that led to it. */
function refuse(paid: PaidTurn, calls: readonly ModelCall[]): ComposedAnswer {
  const { language, persona } = paid.opened;
  return {
    outcome: 'refused',
    text: fixedText('refused', { language, name: persona.snapshot.identity.name }),
    citations: [],
    calls: waiveRest(calls, 'blocked'),
    retrieval: retrievalOf(paid, []),
  };
}

function retrievalOf({ passages }: PaidTurn, cited: readonly number[]): ComposedAnswer['retrieval'] {
  return passages.map((chunk, index) => ({ ...chunk, used: cited.includes(index + 1) }));
}

function citationsOf({ passages }: PaidTurn, cited: readonly number[]): Citation[] {
  return cited.flatMap((index) => {
    const passage = passages[index - 1];
    return passage === undefined ? [] : [{ index, sourceId: passage.sourceId, title: passage.title, url: passage.url }];
  });
}
