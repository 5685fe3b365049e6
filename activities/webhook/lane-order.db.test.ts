import fc from 'fast-check';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { toUuid, type EndpointId } from '#domain/ids.ts';
import { removeWebhookEndpoint } from '#models/commands/remove-webhook-endpoint.ts';
import { claimDeliveries } from '#models/webhook/claim.ts';
import { takeLanesToWake } from '#models/webhook/due-lanes.ts';
import { openSlice } from '#models/webhook/slice.ts';
import { sweepWebhooks } from '#models/webhook/sweep-webhooks.ts';
import { systemClock } from '#platform/clock.ts';
import { newUuid } from '#platform/new-id.ts';

import { answering, openDeliveryScene, placeOf, type DeliveryScene } from '../../test/fixtures/delivery-scene.ts';
import { buildWebhookTenant, makeDue, type WebhookTenant } from '../../test/fixtures/webhook-tenant.ts';

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

describe('order', () => {
  test('a failing event holds back its own session and no other', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    const [stuck, free] = [await tenant.addSession(), await tenant.addSession()];
    await tenant.tell(stuck, 3);
    await tenant.tell(free, 3);
    scene.answerWith(({ body }, response) => response.writeHead(body.includes(stuck) ? 500 : 200).end());
    const rest = await scene.slice(laneOf(id));
    expect(scene.seqsOf(stuck)).toEqual([1]);
    expect(scene.seqsOf(free)).toEqual([1, 2, 3]);
    // What waits behind the failed row took its time: nothing looks due, so nothing spins.
    expect(rest.dueInMs).toBeGreaterThan(1000);
    expect(await takeLanesToWake(knex, [id])).toEqual([]);

    scene.answerWith(answering(200));
    await makeDue(knex, id);
    await scene.slice(laneOf(id));
    expect(scene.seqsOf(stuck)).toEqual([1, 1, 2, 3]);
  });

  test('first arrivals keep the order of each session under random failures and crashed slices', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 40, maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        async (luck, crashes) => {
          scene.requests.length = 0;
          const { id } = await tenant.addEndpoint(scene.url);
          await knex.raw(`update webhook_endpoint set deleted_at = now() where tenant_id = ? and id <> ?`, [
            tenant.tenantId,
            toUuid(id),
          ]);
          const sessions = [await tenant.addSession(), await tenant.addSession(), await tenant.addSession()];
          for (const sessionId of [...sessions, ...sessions]) await tenant.tell(sessionId, 2);
          const arrived = new Map<string, number[]>();
          scene.answerWith(({ body }, response) => {
            const bad = (luck[scene.requests.length % luck.length] ?? 0) < 3;
            const { sessionId, seq } = placeOf(body);
            const seen = arrived.get(sessionId) ?? [];
            if (!bad && !seen.includes(seq)) arrived.set(sessionId, [...seen, seq]);
            response.writeHead(bad ? 500 : 200).end();
          });
          for (let round = 0; round < 60; round += 1) {
            const lane = { tenantId: tenant.tenantId, endpointId: id };
            if (crashes[round] === true) await crashSlice(lane);
            await scene.slice(laneOf(id));
            await makeDue(knex, id);
            const states = await scene.deliveriesOf(id);
            if (states.every(({ state }) => state === 'delivered')) break;
          }
          for (const sessionId of sessions) expect(arrived.get(sessionId)).toEqual([1, 2, 3, 4]);
        },
      ),
      { numRuns: 5 },
    );
  });
});

async function crashSlice(lane: { tenantId: WebhookTenant['tenantId']; endpointId: EndpointId }): Promise<void> {
  const token = newUuid();
  await openSlice(knex, lane, token);
  await claimDeliveries(knex, lane, { token, free: 2 });
}

describe('a receiver in trouble', () => {
  test('after each failure the wait is the schedule, up to a fifth longer, and the tenth ends it', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession());
    scene.answerWith(answering(500));
    for (const baseS of [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]) {
      await scene.slice(laneOf(id));
      const [row] = await scene.deliveriesOf(id);
      expect(row?.wait_s).toBeGreaterThan(baseS - 2);
      expect(row?.wait_s).toBeLessThan(1.2 * baseS + 2);
      await makeDue(knex, id);
    }
    await scene.slice(laneOf(id));
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'exhausted', attempts: 10, last_error: 'http_500' }]);
  });

  test('five failures in a row open the breaker: other rows wait, one probe goes, a success opens up', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await knex.raw(`update webhook_lane set concurrency = 1 where endpoint_id = ?`, [toUuid(id)]);
    for (let index = 0; index < 8; index += 1) await tenant.tell(await tenant.addSession());
    scene.answerWith(answering(500));
    const rest = await scene.slice(laneOf(id));
    expect(scene.requests).toHaveLength(5);
    expect(rest.dueInMs).toBeGreaterThan(0);
    expect(rest.dueInMs).toBeLessThanOrEqual(5000);
    expect(await takeLanesToWake(knex, [id])).toEqual([]);

    await makeDue(knex, id);
    const probed = await scene.slice(laneOf(id));
    expect(scene.requests).toHaveLength(6);
    expect(probed.dueInMs).toBeGreaterThan(5000);

    scene.answerWith(answering(200));
    await makeDue(knex, id);
    await scene.slice(laneOf(id));
    expect(await scene.deliveriesOf(id)).toMatchObject(Array.from({ length: 8 }, () => ({ state: 'delivered' })));
    const { rows } = await knex.raw<{ rows: unknown[] }>(
      `select breaker, consecutive_failures, failed_attempts, first_failure_at from webhook_lane where endpoint_id = ?`,
      [toUuid(id)],
    );
    expect(rows).toEqual([
      { breaker: 'closed', consecutive_failures: 0, failed_attempts: '0', first_failure_at: null },
    ]);
  });

  test('429 parks the lane for as long as it asks, and counts nothing', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession());
    scene.answerWith(answering(429, { 'retry-after': '60' }));
    const rest = await scene.slice(laneOf(id));
    expect(rest.dueInMs).toBeGreaterThan(50_000);
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'pending', attempts: 0, throttles: 1 }]);
  });

  test('410 disables the endpoint, and its rows are held', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    const sessionId = await tenant.addSession();
    await tenant.tell(sessionId, 2);
    scene.answerWith(answering(410));
    expect(await scene.slice(laneOf(id))).toEqual({ dueInMs: 0, open: false });
    await tenant.tell(sessionId);
    await makeDue(knex, id);
    expect(await takeLanesToWake(knex, [id])).toEqual([]);
    expect((await scene.deliveriesOf(id)).map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(scene.requests).toHaveLength(1);
  });

  test('a redirect is a failure and is not followed', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession());
    scene.answerWith(answering(302, { location: `${scene.url}/elsewhere` }));
    await scene.slice(laneOf(id));
    expect(scene.requests.map(({ path }) => path)).toEqual(['/']);
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'pending', last_error: 'redirect' }]);
  });

  test('what waits for a removed endpoint is cancelled, what is told meanwhile by the sweeper', async () => {
    const { id } = await tenant.addEndpoint(scene.url);
    await tenant.tell(await tenant.addSession(), 2);
    expect(await removeWebhookEndpoint(knex, tenant.tenantId, { id, actor: 'system', at: systemClock.now() })).toBe(
      true,
    );
    expect(await scene.slice(laneOf(id))).toEqual({ dueInMs: 0, open: false });
    await knex.raw(`update webhook_delivery set state = 'pending', finished_at = null where endpoint_id = ?`, [
      toUuid(id),
    ]);
    expect(await sweepWebhooks(knex)).toMatchObject({ cancelled: 2 });
    expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }]);
  });
});
