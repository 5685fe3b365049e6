import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Client } from '@temporalio/client';

import { systemClock } from '#platform/clock.ts';
import { openDoorbell, listen } from '#platform/doorbell.ts';
import type { Env } from '#platform/env.ts';
import { openKeyRing } from '#platform/key-ring.ts';
import { createLogger } from '#platform/logger.ts';
import { openTemporalClient } from '#platform/temporal.ts';

import { createApp } from '../api/app.ts';
import { createAnswers } from '../api/chat/answers.ts';
import { createHandToSession } from '../api/chat/hand-to-session.ts';
import type { AnswerLine } from './answer-line.ts';
import { openPools } from './open-pools.ts';

export type ApiEnv = Env & { DATABASE_URL: string; TEMPORAL_ADDRESS: string; BOB_SECRET_KEYS: string };

const DRAIN_MS = 10_000;
/** Who still waits by then is answered 202, instead of a connection that breaks. */
const RELEASE_MS = 8000;

/** The HTTP edge: stateless but for the callers who wait, so any number of these serve side by side. */
export async function startApi(env: ApiEnv, { line, shared = null }: { line: AnswerLine; shared?: Client | null }) {
  const logger = createLogger({ level: env.LOG_LEVEL });
  const pools = openPools(env, { main: 20, reserve: 1, bell: 2 });
  const { knex } = pools;
  // Beside a worker its connection serves both: it is native, and there is one socket less.
  const temporal = shared === null ? openTemporalClient(env) : { client: shared, close: async () => undefined };
  const answers = createAnswers({ knex, logger });
  line.connect(answers);
  const ear = listen({
    url: env.DATABASE_URL,
    channels: ['turn_done'],
    logger,
    onRing: (_channel, ids) => answers.hear(ids.split(' ', 1)[0] ?? ''),
  });
  const doorbell = openDoorbell({ knex: pools.bell, logger });
  const handToSession = createHandToSession({ temporal: temporal.client, logger });
  const app = createApp({
    env,
    clock: systemClock,
    logger,
    knex,
    doorbell,
    answers,
    handToSession,
    keyRing: openKeyRing(env.BOB_SECRET_KEYS),
    temporal: temporal.client,
  });
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  server.listen({ host: env.HOST, port: env.PORT });
  await once(server, 'listening');

  return {
    url: urlOf(server.address()),
    async stop(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      const release = setTimeout(() => answers.release(), RELEASE_MS);
      const grace = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      server.closeIdleConnections();
      await closed;
      clearTimeout(release);
      clearTimeout(grace);
      await Promise.all([ear.close(), doorbell.close(), temporal.close()]);
      await pools.close();
    },
  };
}

function urlOf(listening: AddressInfo | string | null): string {
  if (listening === null || typeof listening === 'string') throw new Error('the API listens on no port');
  const { address, family, port } = listening;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
