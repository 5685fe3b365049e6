import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';

import type { Clock } from '#platform/clock.ts';
import type { Doorbell } from '#platform/doorbell.ts';
import type { Env } from '#platform/env.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import type { Logger } from '#platform/logger.ts';
import type { Mailer } from '#platform/mail.ts';
import type { Metrics } from '#platform/metrics.ts';

import type { Answers } from './chat/answers.ts';
import type { HandToSession } from './chat/hand-to-session.ts';
import type { KnownChats } from './chat/known-chats.ts';
import type { TurnsInFlight } from './chat/turns-in-flight.ts';
import type { EventStreams } from './live/event-streams.ts';
import type { Limits } from './limits/limits.ts';
import type { LiveHub } from './live/live-hub.ts';

/** Everything the HTTP edge works with, opened by whoever starts it. Each router names the part it takes. */
export interface ApiDeps {
  env: Env;
  clock: Clock;
  logger: Logger;
  keyRing: KeyRing;
  mailer: Mailer;
  /** What this process counts about itself. */
  metrics: Metrics;
  knex: Knex;
  doorbell: Doorbell;
  temporal: Client;
  /** Where a request waits for the outcome of its turn. */
  answers: Answers;
  handToSession: HandToSession;
  /** How long a session counts as live after its last message. */
  sessionIdleMs: number;
  /** How much of a tenant is under way at once. */
  turnsInFlight: TurnsInFlight;
  knownChats: KnownChats;
  /** Who may ask how often. */
  limits: Limits;
  /** What rings in this process and in others, for feeds and streams. */
  live: LiveHub;
  streams: EventStreams;
}
