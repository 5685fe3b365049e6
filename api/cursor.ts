import { Problem } from '#contract/problems.ts';

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
