import { once } from 'node:events';
import { createServer } from 'node:http';

import { systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import type { Logger } from '#platform/logger.ts';

import type { Client } from '@temporalio/client';

import { checkTemporal } from '../api/health/check-temporal.ts';
import { createHealthTaker } from '../api/health/take-health.ts';

export interface WorkerHealthDeps {
  port: number;
  databaseUrl: string;
  temporal: Client;
  isPolling(): boolean;
  logger: Logger;
}

/** A worker serves nobody, so whoever watches it asks here: this machine only, and no word of a conversation. */
export async function serveWorkerHealth({ port, databaseUrl, temporal, isPolling, logger }: WorkerHealthDeps) {
  const clock = systemClock;
  // A connection of its own: a pool that is busy with turns is no database that is down.
  const knex = openDatabase({ url: databaseUrl, applicationName: 'bob-health', poolMax: 1 });
  const takeHealth = createHealthTaker({
    clock,
    logger,
    checks: {
      database: async () => {
        await knex.raw('select 1');
        return { state: 'ok' };
      },
      temporal: () => checkTemporal({ temporal, clock }),
      polling: async () => ({ state: isPolling() ? 'ok' : 'down' }),
    },
  });

  async function answerOf(path: string | undefined): Promise<{ status: number; body: object }> {
    if (path === '/live') return { status: 200, body: { status: 'ok' } };
    if (path !== '/ready') return { status: 404, body: {} };
    const health = await takeHealth();
    return { status: health.status === 'down' ? 503 : 200, body: health };
  }

  const server = createServer((request, response) => {
    void answerOf(request.url).then(({ status, body }) => {
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
  });
  server.listen({ host: '127.0.0.1', port });
  await once(server, 'listening');
  const listening = server.address();
  const taken = typeof listening === 'object' ? listening?.port : port;
  return {
    url: `http://127.0.0.1:${taken}`,
    async stop(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await knex.destroy();
    },
  };
}
