import { awayTextOf } from './database-away.ts';

/**
 * What of an error may be logged. Messages of drivers, parsers and model servers quote what they were given (a binding,
 * a row, a prompt), so of those only codes and our own words for them are kept.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    message: safeMessageOf(error),
    ...Object.fromEntries(NAMES.flatMap((name) => nameOf(error, name))),
    stack: stackOf(error),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Codes and names of our own schema; `detail`, `where` and `hint` may carry a row and stay out. */
const NAMES = ['code', 'constraint', 'table', 'column', 'routine', 'status'] as const;
const MESSAGE_LENGTH_MAX = 500;
const STATEMENT = /^\s*(select|insert|update|delete|with|begin|commit|rollback|set|create|alter|drop|lock|listen)\b/i;

function nameOf(error: Error, name: (typeof NAMES)[number]): [string, unknown][] {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
}

function safeMessageOf(error: Error): string {
  // The server's own sentence quotes values: `invalid input syntax for type uuid: "…"`. Its code says the same.
  if ('severity' in error && 'code' in error) return `the database refused: SQLSTATE ${String(error.code)}`;
  // A statement before the first ` - ` is knex's; what follows may be anything that a binding held.
  const lost = awayTextOf(error);
  if (lost !== undefined) return lost;
  if (STATEMENT.test(error.message)) return 'a statement failed';
  if (error instanceof SyntaxError) return 'a text could not be parsed';
  // A model server may repeat the prompt in its refusal; our own problems have a slug and fixed words.
  if ('status' in error && !('slug' in error)) return `status ${String(error.status)}`;
  return error.message.slice(0, MESSAGE_LENGTH_MAX);
}

/** Frames only: the stack begins with the message, and a line of that may look like a frame. */
function stackOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ {4}at .*(:\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .slice(0, 12)
    .join('\n');
}
