import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Client } from '@temporalio/client';

import { systemClock } from '#platform/clock.ts';
import { openDoorbell, listen } from '#platform/doorbell.ts';
import type { Env } from '#platform/env.ts';
import { openKeyRing } from '#platform/key-ring.ts';
import { createLogger, type Logger } from '#platform/logger.ts';
import { createMailer } from '#platform/mail.ts';
import { createMetrics, type Metrics } from '#platform/metrics.ts';
import { openTemporalClient } from '#platform/temporal.ts';

import { createApp } from '../api/app.ts';
import { createAnswers, type Answers } from '../api/chat/answers.ts';
import { createHandToSession } from '../api/chat/hand-to-session.ts';
import { rememberChats } from '../api/chat/known-chats.ts';
import { createTurnsInFlight } from '../api/chat/turns-in-flight.ts';
import { createLimits } from '../api/limits/limits.ts';
import { createPolicyReader } from '../api/limits/policy-reader.ts';
import { createEventStreams, type EventStreams } from '../api/live/event-streams.ts';
import { createLiveHub, type LiveHub } from '../api/live/live-hub.ts';
import { answerUnreadable } from '../api/unreadable-request.ts';
import type { AnswerLine } from './answer-line.ts';
import { openPools } from './open-pools.ts';
import { sessionSettings } from './session-settings.ts';

export type ApiEnv = Env & { DATABASE_URL: string; TEMPORAL_ADDRESS: string; BOB_SECRET_KEYS: string };

const LOCK_TIMEOUT_MS = 10_000;
const DRAIN_MS = 10_000;
/** Who still waits by then is answered 202, instead of a connection that breaks. */
const RELEASE_MS = 8000;

export interface ApiParts {
  line: AnswerLine;
  /** The connection to Temporal of a worker in this process. */
  shared?: Client | null;
  metrics?: Metrics;
}

/** The HTTP edge: stateless but for the callers who wait, so any number of these serve side by side. */
export async function startApi(env: ApiEnv, { line, shared = null, metrics = createMetrics() }: ApiParts) {
  const logger = createLogger({ level: env.LOG_LEVEL });
  // First, because settings that do not fit together end the start here.
  const mailer = createMailer({ env, clock: systemClock, logger });
  const pools = openPools(env, { main: env.BOB_DATABASE_POOL, reserve: 1, bell: 2, lockTimeoutMs: LOCK_TIMEOUT_MS });
  const { knex } = pools;
  // Beside a worker its connection serves both: it is native, and there is one socket less.
  const temporal = shared === null ? openTemporalClient(env) : { client: shared, close: async () => undefined };
  const answers = createAnswers({ knex, logger });
  const live = createLiveHub();
  const streams = createEventStreams();
  connectLine(line, { answers, live });
  const ear = openEar(env.DATABASE_URL, { answers, live, logger });
  const doorbell = openDoorbell({ knex: pools.bell, logger, beside: line.ring });
  const settings = sessionSettings(env);
  const policy = createPolicyReader({ knex, clock: systemClock });
  const handToSession = createHandToSession({
    temporal: temporal.client,
    logger,
    settings,
    besideWorker: shared !== null,
  });
  const app = createApp({
    env,
    clock: systemClock,
    logger,
    knex,
    doorbell,
    answers,
    handToSession,
    sessionIdleMs: settings.idleMs,
    turnsInFlight: createTurnsInFlight({ knex, clock: systemClock, policy }),
    knownChats: rememberChats(systemClock),
    limits: createLimits({ policy, knex, clock: systemClock }),
    live,
    streams,
    keyRing: openKeyRing(env.BOB_SECRET_KEYS),
    mailer,
    metrics,
    temporal: temporal.client,
  });
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  answerUnreadable(server);
  server.listen({ host: env.HOST, port: env.PORT });
  await once(server, 'listening');

  return {
    url: urlOf(server.address()),
    async stop(): Promise<void> {
      await drain(server, { answers, streams });
      await Promise.all([ear.close(), doorbell.close(), temporal.close(), mailer.close()]);
      await pools.close();
    },
  };
}

/** Who waits gets its time; who still waits at its end is told to come again. */
async function drain(
  server: Server,
  { answers, streams }: { answers: Pick<Answers, 'release'>; streams: EventStreams },
): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Who reads a feed comes back elsewhere at once; an answer that is being told may come to its end.
  streams.releaseFeeds();
  const release = setTimeout(() => {
    answers.release();
    streams.release();
    server.closeIdleConnections();
  }, RELEASE_MS);
  const grace = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await closed;
  clearTimeout(release);
  clearTimeout(grace);
}

/** What other processes ring for. */
function openEar(url: string, { answers, live, logger }: { answers: Answers; live: LiveHub; logger: Logger }) {
  return listen({
    url,
    channels: ['turn_done', 'reply_chunk', 'session_changed'],
    logger,
    onRing(channel, ids) {
      live.hear(channel, ids);
      if (channel === 'turn_done') answers.hear(ids.split(' ', 1)[0] ?? '');
      if (channel === 'reply_chunk') answers.hearPieces(ids);
    },
  });
}

/** What the worker of this process says, nobody rings for: those who watch here hear it from us. */
function connectLine(line: AnswerLine, { answers, live }: { answers: Answers; live: LiveHub }): void {
  line.connect({
    deliver(answer) {
      live.ring([answer.sessionId, 'everything']);
      return answers.deliver(answer);
    },
    show(chunk) {
      live.ring([chunk.turnId]);
      return answers.show(chunk);
    },
  });
}

function urlOf(listening: AddressInfo | string | null): string {
  if (listening === null || typeof listening === 'string') throw new Error('the API listens on no port');
  const { address, family, port } = listening;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
