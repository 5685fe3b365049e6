import { ApplicationFailure } from '@temporalio/activity';

import { waiveRest } from '#domain/credits/waive-calls.ts';
import { composePrompt, type PromptMessage } from '#domain/prompt.ts';
import type { ModelCall } from '#domain/usage.ts';
import { keepFailedAttempts, namesOf } from '#models/provider-attempt.ts';
import { countTokens } from '#platform/count-tokens.ts';
import type { LlmAnswer } from '#platform/llm-answer.ts';
import { LlmFailure } from '#platform/llm-failure.ts';

import type { PaidTurn } from './hold-credits.ts';
import type { AnswerRelease } from './release-answer.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { Interrupt, TurnWatch } from './watch-turn.ts';

export interface ModelStep {
  step: 'answer' | 'rewrite';
  /** Of all calls that were made for the turn, as far as this try knows: they are counted, tries are not. */
  nth: number;
}

/** What is around a call while it runs: what may be shown of it, and what may break it off. */
export interface CallScope {
  release: AnswerRelease;
  watch: Pick<TurnWatch, 'interrupt'>;
  signal: AbortSignal;
}

export interface CalledModel {
  text: string;
  call: ModelCall;
  /** Broken off, because the turn may not go on. */
  interrupt: Interrupt | null;
}

/** A wish of the provider beyond this would outlive the turn. */
const RETRY_AFTER_MAX_MS = 30_000;

/**
 * One call to the model; one that is broken off comes back as far as it got. A failed one is put on record, then thrown
 * for the workflow to try the turn again.
 */
export async function callModel(
  deps: TurnDeps,
  paid: PaidTurn,
  at: ModelStep,
  { release, watch, signal }: CallScope,
): Promise<CalledModel> {
  const { model } = paid.opened.persona.snapshot;
  const messages = at.step === 'rewrite' ? composePrompt(paid.prompt, true) : paid.messages;
  const shown = release.read();
  try {
    const answer = await deps.aside(() =>
      deps.llm.answer({
        model: paid.model.name,
        messages,
        temperature: model.temperature,
        outputTokensMax: paid.outputTokensMax,
        idleTimeoutMs: model.timeoutMs,
        signal,
        onText: shown.take,
      }),
    );
    shown.end();
    return { text: answer.text, call: await measure(paid, at, { answer, messages }), interrupt: null };
  } catch (error) {
    if (!(error instanceof LlmFailure)) throw error;
    if (error.slug !== 'model-aborted') return failCall(deps, paid, { at, error });
    const interrupt = watch.interrupt();
    // A process that is told to end has nothing to put on record.
    if (interrupt === null || error.partial === null) throw error;
    const answer = error.partial;
    const call = await measure(paid, at, { answer, messages });
    if (interrupt !== 'lost') return { text: answer.text, call, interrupt };
    // The newer try answers the turn; what this one has spent is on record as nobody's.
    await keepFailedAttempts(deps.knex, paid.opened, {
      calls: waiveRest([call], 'lost_attempt'),
      at: deps.clock.now(),
    });
    throw error;
  }
}

async function failCall(
  deps: TurnDeps,
  paid: PaidTurn,
  { at, error }: { at: ModelStep; error: LlmFailure },
): Promise<never> {
  const call = failedCall(paid, at);
  await keepFailedAttempts(deps.knex, paid.opened, { calls: [call], at: deps.clock.now() });
  throw translate(error, at.nth >= paid.opened.persona.snapshot.model.attempts);
}

/** Tries are not counted, model calls are: after the last one the turn ends in an apology. */
function translate(failure: LlmFailure, wasLast: boolean): ApplicationFailure {
  const { slug, retryAfterMs } = failure;
  if (wasLast || failure.isHopeless || (retryAfterMs ?? 0) > RETRY_AFTER_MAX_MS) {
    return ApplicationFailure.nonRetryable(slug, slug);
  }
  return ApplicationFailure.create({
    message: slug,
    type: slug,
    ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

async function measure(
  paid: PaidTurn,
  at: ModelStep,
  { answer, messages }: { answer: LlmAnswer; messages: readonly PromptMessage[] },
): Promise<ModelCall> {
  const usage = answer.usage ?? (await estimateUsage(answer.text, messages));
  return {
    ...failedCall(paid, at),
    ...usage,
    providerRequestId: answer.providerRequestId,
    estimated: answer.usage === null,
    waived: null,
  };
}

async function estimateUsage(text: string, messages: readonly PromptMessage[]) {
  const input = await countTokens(messages.map(({ content }) => content).join('\n'));
  return { pools: { input, cachedInput: 0, cacheWrite: 0, output: await countTokens(text) }, reasoningTokens: 0 };
}

/** Under the number of its try, which no other one has: two that run at once put their calls on record side by side. */
function failedCall({ model, opened }: PaidTurn, { step }: ModelStep): ModelCall {
  return {
    step,
    attempt: opened.attempt,
    sku: model.sku,
    provider: namesOf(model.sku).provider,
    // A local model is charged as another one; the line names the one that answered.
    model: model.name,
    providerRequestId: null,
    pools: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
    reasoningTokens: 0,
    estimated: false,
    waived: 'provider_error',
  };
}
