import type { Knex } from 'knex';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { EndpointId } from '#domain/ids.ts';
import { toUuid } from '#domain/ids.ts';
import { recordAttempts, type RecordedAttempt } from '#models/commands/record-attempts.ts';
import { readFeed } from '#models/outbox/feed.ts';
import { claimDeliveries } from '#models/webhook/claim.ts';
import { takeLanesToWake } from '#models/webhook/due-lanes.ts';
import { closeSlice, openSlice } from '#models/webhook/slice.ts';
import { sweepWebhooks } from '#models/webhook/sweep-webhooks.ts';
import { systemClock } from '#platform/clock.ts';
import { newSecretKey, openKeyRing } from '#platform/key-ring.ts';
import { newUuid } from '#platform/new-id.ts';

import { answering, openDeliveryScene, type DeliveryScene } from '../../test/fixtures/delivery-scene.ts';
import { buildWebhookTenant, makeDue, type WebhookTenant } from '../../test/fixtures/webhook-tenant.ts';
import { runSlice } from './deliver-slice.ts';

let scene: DeliveryScene;
let knex: Knex;
let tenant: WebhookTenant;

beforeAll(async () => {
  scene = await openDeliveryScene();
  knex = scene.knex;
});
beforeEach(async () => {
  scene.answerWith(answering(200));
  scene.requests.length = 0;
  tenant = await buildWebhookTenant(knex);
});
afterEach(() => scene.expectInvariants());
afterAll(() => scene.close());

function laneOf(endpointId: EndpointId) {
  return { tenantId: tenant.tenantId, endpointId };
}

describe('what leaves', () => {
  test('attempts and feed show the same bytes, signed so that an independent verifier agrees', async () => {
    const { id, secret } = await tenant.addEndpoint(scene.url);
    const sessionId = await tenant.addSession();
    await tenant.tell(sessionId);
    scene.answerWith(answering(500));
    await scene.slice(laneOf(id));
    scene.answerWith(answering(204));
    await makeDue(knex, id);
    await scene.slice(laneOf(id));

    const feed = await readFeed(knex, tenant.tenantId, { sessionId, after: 0, type: null, limit: 10 });
    expect(scene.requests.map(({ body }) => body)).toEqual([feed.bodies[0], feed.bodies[0]]);
    const ids = scene.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([JSON.parse(feed.bodies[0] ?? '{}').id, ids[0]]);
    expect(scene.requests.map(({ headers }) => headers['bob-attempt'])).toEqual(['1', '2']);
    for (const { body, headers } of scene.requests) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
      expect(headers.cookie).toBeUndefined();
    }
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('nothing leaves unsigned: a missing key is our fault and parks the lane', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession());
    const rest = await scene.slice(laneOf(id), { keyRing: openKeyRing(newSecretKey('other')) });
    expect(scene.requests).toEqual([]);
    expect(await scene.deliveriesOf(id)).toMatchObject([
      { state: 'pending', attempts: 0, throttles: 1, last_error: 'signing_key_missing' },
    ]);
    expect(rest.open).toBe(true);
    expect(rest.dueInMs).toBeGreaterThan(20_000);
  });

  test('an address off the list is refused at the send, too', async () => {
    const { id } = await tenant.addEndpoint(scene.url.replace('127.0.0.1', 'localhost'));
    await tenant.tell(await tenant.addSession());
    await scene.slice(laneOf(id));
    expect(scene.requests).toEqual([]);
    expect(await scene.deliveriesOf(id)).toMatchObject([
      { state: 'pending', attempts: 1, last_error: 'blocked_address' },
    ]);
  });

  test('an edited address is used by the next attempt', async () => {
    const { id } = await tenant.addEndpoint('http://127.0.0.1:1/dead');
    await tenant.tell(await tenant.addSession());
    await scene.slice(laneOf(id));
    await knex.raw(`update webhook_endpoint set url = ? where id = ?`, [`${scene.url}/new`, toUuid(id)]);
    await makeDue(knex, id);
    await scene.slice(laneOf(id));
    expect(scene.requests.map(({ path }) => path)).toEqual(['/new']);
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });
});

describe('a lane has one holder', () => {
  test('what a slice records after it lost the lane is logged, not counted', async () => {
    const { id: endpointId } = await tenant.addEndpoint(scene.url);
    const lane = { tenantId: tenant.tenantId, endpointId };
    await tenant.tell(await tenant.addSession());
    const [stale, fresh] = [newUuid(), newUuid()];
    await openSlice(knex, lane, stale);
    const [delivery] = await claimDeliveries(knex, lane, { token: stale, free: 1 });
    const opened = await openSlice(knex, lane, fresh);
    expect(await claimDeliveries(knex, lane, { token: stale, free: 1 })).toEqual([]);

    const health = opened?.health ?? expect.unreachable('the lane is there');
    const report = { health, succeeded: true, failuresSinceSuccess: 0, gone: false };
    const attempts = [succeeded(delivery?.id ?? '', await storedHash(endpointId))];
    expect(await recordAttempts(knex, lane, { token: stale, attempts, report })).toBe(false);
    expect(await scene.deliveriesOf(endpointId)).toMatchObject([{ state: 'pending', attempts: 0 }]);
    const logged = await knex.raw<{ rows: unknown[] }>(`select counted from webhook_attempt where tenant_id = ?`, [
      tenant.tenantId,
    ]);
    expect(logged.rows).toEqual([{ counted: false }]);

    await closeSlice(knex, lane, fresh);
    await scene.slice(laneOf(endpointId));
    expect(await scene.deliveriesOf(endpointId)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  });

  test('a cancelled slice gives back what it did not send', async () => {
    const { id: endpointId } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession());
    const rest = await runSlice(scene.deps, { tenantId: tenant.tenantId, endpointId }, AbortSignal.abort());
    expect(rest).toEqual({ dueInMs: 0, open: true });
    expect(scene.requests).toEqual([]);
    expect(await scene.deliveriesOf(endpointId)).toMatchObject([{ state: 'pending', attempts: 0 }]);
  });

  test('one wake per lane and 250 ms, none while a slice runs, and one again when its process is dead', async () => {
    const { id: endpointId } = await tenant.addEndpoint(scene.url);
    const lane = { tenantId: tenant.tenantId, endpointId };
    expect(await takeLanesToWake(knex, [endpointId])).toEqual([]);
    await tenant.tell(await tenant.addSession());
    expect(await takeLanesToWake(knex, null)).toContainEqual(lane);
    expect(await takeLanesToWake(knex, [endpointId])).toEqual([]);
    await crashSlice(lane);
    await knex.raw(`update webhook_lane set woken_at = null where endpoint_id = ?`, [toUuid(endpointId)]);
    expect(await takeLanesToWake(knex, [endpointId])).toEqual([]);

    await knex.raw(`update webhook_lane set slice_until = now() - interval '1 second' where endpoint_id = ?`, [
      toUuid(endpointId),
    ]);
    await knex.raw(`update webhook_delivery set lease_until = now() - interval '1 second' where endpoint_id = ?`, [
      toUuid(endpointId),
    ]);
    const swept = await sweepWebhooks(knex);
    expect(swept).toMatchObject({ freedLeases: 1, cancelled: 0 });
    expect(swept.due).toContainEqual(lane);
  });
});

async function storedHash(endpointId: EndpointId): Promise<string> {
  const { rows } = await knex.raw<{ rows: { hash: string }[] }>(
    `select encode(sha256(convert_to(e.body, 'UTF8')), 'hex') as hash
     from webhook_delivery d join webhook_event e on e.no = d.event_no where d.endpoint_id = ?`,
    [toUuid(endpointId)],
  );
  return rows[0]?.hash ?? '';
}

function succeeded(deliveryId: string, bodySha256: string): RecordedAttempt {
  return {
    deliveryId,
    n: 1,
    trigger: 'auto',
    verdict: { state: 'delivered', counted: true, errorCode: null, waitMs: 0, lane: { kind: 'success' } },
    startedAt: systemClock.now(),
    durationMs: 1,
    httpStatus: 200,
    remoteIp: null,
    bodySha256,
    requestHeaders: {},
    responseHeaders: null,
    responseBody: null,
    truncated: false,
  };
}

async function crashSlice(lane: { tenantId: WebhookTenant['tenantId']; endpointId: EndpointId }): Promise<void> {
  const token = newUuid();
  await openSlice(knex, lane, token);
  await claimDeliveries(knex, lane, { token, free: 2 });
}
