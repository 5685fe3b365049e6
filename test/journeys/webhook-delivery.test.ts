import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';

import { createWebhookActivities } from '#activities/webhook/index.ts';
import { startRelayLoop } from '#activities/webhook/relay-loop.ts';
import { createWakeBoard } from '#activities/webhook/wake-board.ts';
import { laneWorkflowId, WEBHOOK_TASK_QUEUE } from '#domain/webhooks/lane-messages.ts';
import { readFeed } from '#models/outbox/feed.ts';
import { systemClock } from '#platform/clock.ts';
import { openDoorbell, type Doorbell } from '#platform/doorbell.ts';
import { openGuardedFetch } from '#platform/guarded-fetch.ts';
import { createLogger } from '#platform/logger.ts';

import { expectEventsTold } from '../fixtures/expect-events-told.ts';
import { placeOf } from '../fixtures/delivery-scene.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';
import { buildWebhookTenant, makeDue, testKeyRing } from '../fixtures/webhook-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

const logger = createLogger({ level: 'silent' });
const NAMESPACE = 'bob';
const FAILURES = 2;

let database: FreshDatabase;
let receiver: WebhookReceiver;
let temporal: Client;
let doorbell: Doorbell;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await freshDatabase({ keep: true });
  receiver = await startWebhookReceiver((_request, response) => {
    response.writeHead(receiver.requests.length <= FAILURES ? 500 : 204).end();
  });
  const address = inject('temporalAddress');
  const connection = await Connection.connect({ address });
  temporal = new Client({ connection, namespace: NAMESPACE });
  doorbell = openDoorbell({ knex: database.knex, logger });
  const { knex } = database;
  const wakeBoard = createWakeBoard();
  const guardedFetch = openGuardedFetch({ allowHosts: '127.0.0.1' });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    namespace: NAMESPACE,
    taskQueue: WEBHOOK_TASK_QUEUE,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    activities: createWebhookActivities({
      knex,
      keyRing: testKeyRing,
      guardedFetch,
      wakeBoard,
      clock: systemClock,
      logger,
    }),
  });
  const running = worker.run();
  const relay = startRelayLoop({ knex, listenUrl: database.url, temporal, wakeBoard, clock: systemClock, logger });
  undo.push(
    () => relay.stop(),
    async () => {
      worker.shutdown();
      await running;
    },
    () => native.close(),
    () => connection.close(),
    () => guardedFetch.close(),
    () => doorbell.close(),
    () => receiver.close(),
    () => database.drop(),
  );
});
afterAll(async () => {
  for (const step of undo) await step();
});

test('a receiver that fails at first gets every event, in order per session, signed, as in the feed', async () => {
  const { knex } = database;
  const tenant = await buildWebhookTenant(knex);
  const { id, secret } = await tenant.addEndpoint(receiver.url);
  const sessions = [await tenant.addSession(), await tenant.addSession(), await tenant.addSession()];
  for (let round = 0; round < 5; round += 1) {
    for (const sessionId of sessions) {
      for (const endpointId of await tenant.tell(sessionId)) doorbell.ring('webhook_due', endpointId);
    }
  }
  await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(FAILURES), { timeout: 20_000 });
  // The first retries are seconds away; moving the rows moves the time.
  await vi.waitFor(
    async () => {
      await makeDue(knex, id);
      expect(receiver.requests).toHaveLength(15 + FAILURES);
    },
    { timeout: 60_000, interval: 500 },
  );

  const arrived = receiver.requests.slice(FAILURES);
  for (const sessionId of sessions) {
    const own = arrived.filter(({ body }) => placeOf(body).sessionId === sessionId);
    expect(own.map(({ body }) => placeOf(body).seq)).toEqual([1, 2, 3, 4, 5]);
    const feed = await readFeed(knex, tenant.tenantId, { sessionId, after: 0, type: null, limit: 100 });
    expect(own.map(({ body }) => body)).toEqual(feed.bodies);
  }
  for (const { body, headers } of receiver.requests) {
    const sent = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(sent).toMatchObject({ id: headers['webhook-id'] });
  }
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(15);
});

test('the lane ends when nothing is open, its history holds ids and numbers, the invariants hold', async () => {
  const { rows } = await database.knex.raw<{ rows: { id: string }[] }>(`select id from webhook_endpoint`);
  const handle = temporal.workflow.getHandle(laneWorkflowId(`whk_${rows[0]?.id.replaceAll('-', '') ?? ''}`));
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  expect(history).not.toContain(receiver.url);
  expect(history).not.toContain('message.received');
  await expectEventsTold(database.knex);
});
