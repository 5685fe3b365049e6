import { resolveModelSku } from '#domain/pricebook/resolve-model-sku.ts';
import type { InstalledModel } from '#activities/turn/turn-deps.ts';
import type { Pricebooks } from '#models/pricebook.ts';
import type { Clock } from '#platform/clock.ts';
import { CannotStart } from '#platform/embedded/cannot-start.ts';
import type { Env } from '#platform/env.ts';
import type { Logger } from '#platform/logger.ts';

const DEFAULT_MODEL = 'gpt-4.1-mini';

export interface ModelChoosing {
  env: Pick<Env, 'BOB_MODEL' | 'BOB_MODEL_SKU' | 'OPENAI_BASE_URL'>;
  books: Pricebooks;
  clock: Clock;
  logger: Logger;
  mode: 'up' | 'strict';
}

/** The installation's model and what it is charged as. A model without a price stops the start, not the first turn. */
export async function chosenModel({ env, books, clock, logger, mode }: ModelChoosing): Promise<InstalledModel> {
  const book = await books.effectiveAt(clock.now());
  if (book === null) throw new CannotStart('No pricebook is published: run `node bin/bob.mjs migrate` first.');
  const name = env.BOB_MODEL ?? DEFAULT_MODEL;
  const resolved = resolveModelSku({
    model: name,
    sku: skuOf(env.BOB_MODEL_SKU),
    baseUrlGiven: env.OPENAI_BASE_URL !== undefined,
    mode,
    book: book.document,
  });
  if ('refused' in resolved) throw new CannotStart(resolved.refused);
  if (resolved.warning !== undefined) logger.warn(resolved.warning);
  return { name, sku: resolved.sku };
}

function skuOf(given: string | undefined): string | null {
  if (given === undefined) return null;
  return given.startsWith('model:') ? given : `model:${given}`;
}
