import { ApplicationFailure } from '@temporalio/activity';

import { composePrompt, type PromptMessage } from '#domain/prompt.ts';
import type { ModelCall } from '#domain/usage.ts';
import { keepFailedAttempts, namesOf } from '#models/provider-attempt.ts';
import { countTokens } from '#platform/count-tokens.ts';
import { LlmFailure } from '#platform/llm-failure.ts';
import type { LlmAnswer } from '#platform/llm-stream.ts';

import type { PaidTurn } from './hold-credits.ts';
import type { TurnDeps } from './turn-deps.ts';

export interface ModelStep {
  step: 'answer' | 'rewrite';
  attempt: number;
  signal: AbortSignal;
}

/** A wish of the provider beyond this would outlive the turn. */
const RETRY_AFTER_MAX_MS = 30_000;

/** One call to the model. A failed one is put on record, then thrown for the workflow to try the turn again. */
export async function callModel(
  deps: TurnDeps,
  paid: PaidTurn,
  { step, attempt, signal }: ModelStep,
): Promise<{ text: string; call: ModelCall }> {
  const { model } = paid.opened.persona.snapshot;
  const messages = composePrompt(paid.prompt, step === 'rewrite');
  try {
    const answer = await deps.llm.answer({
      model: paid.model.name,
      messages,
      temperature: model.temperature,
      outputTokensMax: paid.outputTokensMax,
      idleTimeoutMs: model.timeoutMs,
      signal,
    });
    return { text: answer.text, call: await measure(paid, { step, attempt }, { answer, messages }) };
  } catch (error) {
    if (!(error instanceof LlmFailure) || error.slug === 'model-aborted') throw error;
    const call = failedCall(paid, { step, attempt });
    await keepFailedAttempts(deps.knex, paid.opened, { calls: [call], at: deps.clock.now() });
    throw translate(error, attempt >= model.attempts);
  }
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
  at: { step: string; attempt: number },
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

function failedCall({ model }: PaidTurn, { step, attempt }: { step: string; attempt: number }): ModelCall {
  return {
    step,
    attempt,
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
