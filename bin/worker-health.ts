import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

import { systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import type { Logger } from '#platform/logger.ts';
import { METRICS_TYPE, type Metrics } from '#platform/metrics.ts';

import type { Client } from '@temporalio/client';

import { checkTemporal } from '../api/health/check-temporal.ts';
import { createHealthTaker } from '../api/health/take-health.ts';
import { mayReadMetrics } from '../api/policies/may-read-metrics.ts';

export interface WorkerHealthDeps {
  port: number;
  databaseUrl: string;
  temporal: Client;
  isPolling(): boolean;
  logger: Logger;
  metrics: Metrics;
  metricsToken: string | undefined;
}

/** A worker serves nobody, so whoever watches it asks here: this machine only, and no word of a conversation. */
export async function serveWorkerHealth(deps: WorkerHealthDeps) {
  const { port, databaseUrl, temporal, isPolling, logger, metrics, metricsToken } = deps;
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

  async function answerTo(request: IncomingMessage): Promise<Told> {
    if (request.url === '/live') return json(200, { status: 'ok' });
    if (request.url === '/metrics') {
      const mayRead = mayReadMetrics(request, metricsToken);
      return mayRead ? { status: 200, type: METRICS_TYPE, body: await metrics.render() } : json(403, {});
    }
    if (request.url !== '/ready') return json(404, {});
    const health = await takeHealth();
    return json(health.status === 'down' ? 503 : 200, health);
  }

  const server = createServer((request, response) => {
    void answerTo(request).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
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

interface Told {
  status: number;
  type: string;
  body: string;
}

function json(status: number, body: object): Told {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
