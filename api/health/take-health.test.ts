import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import type { ComponentHealth } from '#contract/health.ts';
import { fixedClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';

import { checkModel } from './check-model.ts';
import type { HealthCheck } from './checks.ts';
import { createHealthTaker } from './take-health.ts';

const logger = createLogger({ level: 'silent' });
const ok = async (): Promise<ComponentHealth> => ({ state: 'ok' });
const ALL_OK = { database: ok, migrations: ok, temporal: ok, workers: ok, model: ok, webhooks: ok };

function taker(changed: Record<string, HealthCheck>) {
  const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));
  return { clock, take: createHealthTaker({ checks: { ...ALL_OK, ...changed }, clock, logger }) };
}

test('the whole is as bad as its worst part, and a failing check tells no secret', async () => {
  expect((await taker({}).take()).status).toBe('ok');
  expect((await taker({ model: async () => ({ state: 'degraded' }) }).take()).status).toBe('degraded');
  const health = await taker({ database: () => Promise.reject(new Error('password=hunter2')) }).take();
  expect(health.status).toBe('down');
  expect(JSON.stringify(health)).not.toContain('hunter2');
});

test('however often it is asked, the checks run once a second', async () => {
  let runs = 0;
  const { clock, take } = taker({
    database: async () => {
      runs += 1;
      return { state: 'ok' };
    },
  });
  await Promise.all(Array.from({ length: 50 }, take));
  expect(runs).toBe(1);
  clock.moveBy(1000);
  await take();
  expect(runs).toBe(2);
});

test('a model server is fine, refuses the key, breaks, or is gone', async () => {
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));
  const check = checkModel({ apiKey: 'sk-secret', baseUrl: `http://127.0.0.1:${port}/v1/`, clock });

  expect(await check()).toEqual({ state: 'ok' });
  status = 401;
  expect(await check()).toEqual({ state: 'ok' });
  clock.moveBy(30_000);
  expect(await check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('key') });
  status = 502;
  expect(await check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('502') });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('reached') });
});
