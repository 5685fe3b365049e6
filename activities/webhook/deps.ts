import type { Knex } from 'knex';

import type { LaneNews } from '#domain/webhooks/verdict.ts';
import type { Clock } from '#platform/clock.ts';
import type { GuardedFetch } from '#platform/guarded-fetch.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import type { Logger } from '#platform/logger.ts';

import type { WakeBoard } from './wake-board.ts';

export interface WebhookDeps {
  knex: Knex;
  keyRing: KeyRing;
  guardedFetch: GuardedFetch;
  wakeBoard: WakeBoard;
  clock: Clock;
  logger: Logger;
  countAttempt?: (result: LaneNews['kind']) => void;
  /** In [0, 1); a test takes the chance out of the waits. */
  random?: () => number;
  /** How long a slice stays after its last row; a test has no time for the default. */
  lingerMs?: number;
}
