import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

import { systemClock } from './clock.ts';

/** JSON lines with ids, codes and counts. No text of a conversation ever goes in here: a test plants marker words. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  level: string;
  destination?: DestinationStream;
}

export function createLogger({ level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${systemClock.now().toISOString()}"`,
    redact: ['req.headers', 'password', 'token', 'secret', '*.password', '*.token', '*.secret'],
    serializers: { error: describeError, err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Name, message, code and stack only: a driver's error may carry the row it failed on in `detail`. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    message: firstLineOf(error.message),
    ...('code' in error ? { code: error.code } : {}),
    ...('constraint' in error ? { constraint: error.constraint } : {}),
    stack: stackOf(error),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** knex puts the statement with its bindings before the server's own sentence: only the sentence may be logged. */
function firstLineOf(message: string): string {
  const separator = message.lastIndexOf(' - ');
  return (separator === -1 ? message : message.slice(separator + 3)).slice(0, 500);
}

function stackOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 12)
    .join('\n');
}
