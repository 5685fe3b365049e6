import { Problem } from '#contract/problems.ts';
import { isId, type IdPrefix } from '#domain/ids.ts';

/** Where a page ended, as a text that callers hand back and do not read. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/** The parts again; a cursor that we did not make is a fault of the query. */
export function decodeCursor(text: string, count: number): string[] {
  const parts = parsed(Buffer.from(text, 'base64url').toString('utf8'));
  if (Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === 'string')) return parts;
  throw foreignCursor();
}

/** A list that was asked for one more than its limit: that one tells whether there is more. */
export function pageOf<Row>(
  found: readonly Row[],
  limit: number,
  placeOf: (last: Row) => readonly string[],
): { page: Row[]; nextCursor: string | null } {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { page, nextCursor: last === undefined ? null : encodeCursor(placeOf(last)) };
}

/** Where the page before ended, for lists in the order of their ids; null at the start. */
export function lastIdOf<P extends IdPrefix>(prefix: P, cursor: string | undefined): `${P}_${string}` | null {
  if (cursor === undefined) return null;
  const [last = ''] = decodeCursor(cursor, 1);
  if (!isId(prefix, last)) throw foreignCursor();
  return last;
}

/** For parts that cannot be what this list puts there. */
export function foreignCursor(): Problem {
  return new Problem('invalid-query', {
    detail: 'The cursor does not come from this list.',
    extensions: { errors: [{ pointer: 'cursor', code: 'invalid_cursor', detail: 'Not a next_cursor of this list' }] },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
