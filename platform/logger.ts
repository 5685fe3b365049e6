import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

import { systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';

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
