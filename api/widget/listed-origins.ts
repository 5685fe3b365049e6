import { readOriginHeader } from '#domain/widget-origin.ts';
import { entriesFor } from '#domain/widget-page.ts';
import { isListedByAnyone } from '#models/widget-origin.ts';
import type { Clock } from '#platform/clock.ts';
import type { Knex } from 'knex';

/**
 * Whether a page of this origin may read what the widget routes answer. `beforeAsking` runs where nobody knows and the
 * database has to be asked; what it throws is thrown.
 */
export type IsListedOrigin = (origin: string, beforeAsking?: () => Promise<void>) => Promise<boolean>;

const KNOWN_FOR_MS = 5000;
const ORIGINS_MAX = 5000;

/**
 * Only a yes is kept, and only for seconds: an origin just added works at once. What a page may do is decided by the
 * statement of its call, where a key or a list changed a moment ago counts already.
 */
export function createListedOrigins({ knex, clock }: { knex: Knex; clock: Clock }): IsListedOrigin {
  const known = new Map<string, number>();

  async function ask(origin: string, now: Date): Promise<boolean> {
    const isListed = await isListedByAnyone(knex, entriesFor(origin), now);
    known.delete(origin);
    if (!isListed) return false;
    if (known.size >= ORIGINS_MAX) known.clear();
    known.set(origin, now.getTime());
    return true;
  }

  return async function isListedOrigin(origin, beforeAsking) {
    if (readOriginHeader(origin) === null) return false;
    const now = clock.now();
    const askedAt = known.get(origin);
    if (askedAt !== undefined && now.getTime() - askedAt < KNOWN_FOR_MS) return true;
    if (askedAt === undefined) await beforeAsking?.();
    try {
      return await ask(origin, now);
    } catch (error) {
      // The page of a known origin can still read that the database is away.
      if (askedAt !== undefined) return true;
      throw error;
    }
  };
}
