import { createHash } from 'node:crypto';

import type { Client, QueryConfig } from 'pg';

/** Below this a statement is planned faster than a name for it pays. */
const LONG_CHARACTER_MIN = 300;
/** Statements of the product are constants; more than this many texts would mean that one is built from data. */
const NAME_MAX = 300;

const names = new Map<string, string>();

/**
 * The turn's statements do much at once, and planning them anew cost nearly a third of PostgreSQL's work. With a name
 * of its own (the hash of its text) a statement is planned a few times per connection and then no more. A pooler in
 * between must pass prepared statements on, as PgBouncer does from 1.21.
 */
export function prepareLongStatements(
  connection: Client,
  done: (error: Error | null, connection: Client) => void,
): void {
  const query: (...args: unknown[]) => unknown = connection.query.bind(connection);
  Object.assign(connection, {
    query: (statement: unknown, ...rest: unknown[]) => query(withName(statement), ...rest),
  });
  done(null, connection);
}

function withName(statement: unknown): unknown {
  return isLong(statement) ? { ...statement, name: nameOf(statement.text) } : statement;
}

function isLong(statement: unknown): statement is QueryConfig {
  if (typeof statement !== 'object' || statement === null || !('text' in statement) || 'name' in statement)
    return false;
  return typeof statement.text === 'string' && statement.text.length >= LONG_CHARACTER_MIN;
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= NAME_MAX) return known;
  const name = `bob_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
