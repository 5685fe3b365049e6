import { ApplicationFailure } from '@temporalio/activity';

import { estimateHold, estimateTokens, outputTokensWithin, type PlannedCall } from '#domain/credits/hold-estimate.ts';
import type { ScoredChunk } from '#domain/grounding.ts';
import { ratesOf } from '#domain/pricebook/rates-of.ts';
import { composePrompt, type PromptInput, type PromptMessage } from '#domain/prompt.ts';
import type { OpenedTurn } from '#models/open-turn.ts';

import type { InstalledModel, TurnDeps } from './turn-deps.ts';

/** A turn whose hold is placed: it may call the model. */
export interface PaidTurn {
  opened: OpenedTurn;
  passages: ScoredChunk[];
  prompt: PromptInput;
  /** The prompt as the hold was estimated for, and as it is sent. */
  messages: readonly PromptMessage[];
  model: InstalledModel;
  pricebookVersion: number;
  heldMillicredits: bigint;
  /** What the hold pays for, when it is smaller than wanted. */
  outputTokensMax: number;
}

/** Longer than takeTurn may last: 120 s and a minute for the closing transaction. */
const HOLD_TTL_MS = 180_000;

/** One hold for every call the turn may make; null where the tenant's credits do not cover the shortest answer. */
export async function holdCredits(
  deps: TurnDeps,
  opened: OpenedTurn,
  passages: ScoredChunk[],
): Promise<PaidTurn | null> {
  const { snapshot } = opened.persona;
  const prompt = { persona: snapshot, passages, history: opened.history, message: opened.message.text };
  const model = modelOf(deps, snapshot.model.id);
  const at = deps.clock.now();
  const book = await bookFor(deps, opened.pricebookVersion, at);
  const messages = composePrompt(prompt);
  const answer = plannedCall(messages, {
    rates: ratesOf(book.document, model.sku),
    outputTokensMax: snapshot.model.maxOutputTokens,
  });
  // The answer, and the one rewrite an invalid header is given.
  const calls = snapshot.grounding.mode === 'off' ? [answer] : [answer, answer];
  const { wantMillicredits, minMillicredits } = estimateHold(calls, book.document.rules.hold_min_output_tokens);
  const hold = await deps.ledger.reserve({
    tenantId: opened.tenantId,
    turnId: opened.turnId,
    requestHash: opened.bodyHash,
    pricebookVersion: book.version,
    wantMillicredits,
    minMillicredits,
    at,
    ttlMs: HOLD_TTL_MS,
  });
  if (hold.state === 'refused') return null;
  if (hold.state === 'busy') throw tryLater(hold.retryAfterMs);
  const isShort = hold.reservedMillicredits < wantMillicredits;
  const outputTokensMax = isShort ? outputTokensWithin(answer, hold.reservedMillicredits) : answer.outputTokensMax;
  const { pricebookVersion, reservedMillicredits: heldMillicredits } = hold;
  return { opened, passages, prompt, messages, model, pricebookVersion, heldMillicredits, outputTokensMax };
}

function modelOf(deps: TurnDeps, id: string): InstalledModel {
  return id === 'default' ? deps.model : { sku: `model:${id}`, name: id.slice(id.indexOf('/') + 1) };
}

async function bookFor({ ledger }: TurnDeps, version: number | null, at: Date) {
  const book = version === null ? await ledger.books.effectiveAt(at) : await ledger.books.byVersion(version);
  if (book === null) throw new Error('no pricebook is in force');
  return book;
}

function plannedCall(
  messages: readonly PromptMessage[],
  { rates, outputTokensMax }: { rates: PlannedCall['rates'] | null; outputTokensMax: number },
): PlannedCall {
  // Nothing is priced 0 for want of a rate: such a persona cannot be saved, so this is a fault of ours.
  if (rates === null) throw ApplicationFailure.nonRetryable('the model has no published rate', 'model-without-rate');
  const inputTokens = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  return { inputTokens, outputTokensMax, rates };
}

function tryLater(retryAfterMs: number): ApplicationFailure {
  return ApplicationFailure.create({ message: 'ledger-busy', type: 'ledger-busy', nextRetryDelay: retryAfterMs });
}
