import { setTimeout as sleep } from 'node:timers/promises';

import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { envelopeOf, type EventDraft } from '#contract/events.ts';
import { toUuid, type SessionId } from '#domain/ids.ts';
import { systemClock } from '#platform/clock.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { buildWebhookTenant, messageReceived, type WebhookTenant } from '../../test/fixtures/webhook-tenant.ts';
import { AlreadyEmitted, emit } from './emit.ts';
import { PoisonEvent } from './event-body.ts';
import { readFeed } from './feed.ts';
import { stampPositions } from './stamp-positions.ts';

let database: FreshDatabase;
let knex: Knex;
let tenant: WebhookTenant;

beforeAll(async () => {
  database = await freshDatabase({ poolMax: 12 });
  knex = database.knex;
  tenant = await buildWebhookTenant(knex);
});
afterAll(() => database.drop());

class RolledBack extends Error {}

async function storedOf(sessionId: SessionId): Promise<{ seqs: number[]; eventSeq: number }> {
  const events = await knex.raw<{ rows: { seq: number }[] }>(
    `select seq from webhook_event where session_id = ? order by seq`,
    [toUuid(sessionId)],
  );
  const session = await knex.raw<{ rows: { event_seq: number }[] }>(`select event_seq from chat_session where id = ?`, [
    toUuid(sessionId),
  ]);
  return { seqs: events.rows.map(({ seq }) => seq), eventSeq: session.rows[0]?.event_seq ?? -1 };
}

async function stampAll(): Promise<void> {
  while ((await stampPositions(knex)) > 0);
}

describe('emitting', () => {
  test('one statement writes events, numbers and deliveries', async () => {
    const sessionId = await tenant.addSession();
    const wants = await tenant.addEndpoint('http://127.0.0.1:9/a', ['message.received']);
    await tenant.addEndpoint('http://127.0.0.1:9/b', ['turn.failed']);
    const statements: string[] = [];
    const endpoints = await knex.transaction((trx) => {
      trx.on('query', ({ sql }: { sql: string }) => statements.push(sql));
      const events = [messageReceived(), messageReceived()];
      return emit(trx, { tenantId: tenant.tenantId, sessionId, at: systemClock.now(), events });
    });
    expect(endpoints).toEqual([wants.id]);
    expect(statements.filter((sql) => sql.includes('webhook_event'))).toHaveLength(1);
    expect(await storedOf(sessionId)).toEqual({ seqs: [1, 2], eventSeq: 2 });
  });

  test('the stored body is the documented envelope, with its number, keys in order', async () => {
    const sessionId = await tenant.addSession();
    await tenant.tell(sessionId, 2);
    const page = await readFeed(knex, tenant.tenantId, { sessionId, after: 1, type: null, limit: 10 });
    const parsed = JSON.parse(page.bodies[0] ?? '') as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual([
      'id',
      'type',
      'api_version',
      'created_at',
      'tenant_id',
      'session_id',
      'seq',
      'test',
      'data',
    ]);
    expect(envelopeOf('message.received').parse(parsed)).toMatchObject({ seq: 2, session_id: sessionId, test: false });
    expect(page).toMatchObject({ nextAfter: 2, hasMore: false });
  });

  test('a fact is told once: its key ends a second transaction and spends no number', async () => {
    const sessionId = await tenant.addSession();
    const emission = { tenantId: tenant.tenantId, sessionId, at: systemClock.now(), events: [messageReceived('once')] };
    await knex.transaction((trx) => emit(trx, emission));
    await expect(knex.transaction((trx) => emit(trx, emission))).rejects.toBeInstanceOf(AlreadyEmitted);
    await tenant.tell(sessionId);
    expect(await storedOf(sessionId)).toEqual({ seqs: [1, 2], eventSeq: 2 });
  });

  test.each([
    ['nul', 'a\0b'],
    ['lone_surrogate', '\ud800'],
    ['too_large', 'x'.repeat(256 * 1024)],
  ] as const)('poison (%s) is refused before it is written', async (reason, id) => {
    const sessionId = await tenant.addSession();
    const event = messageReceived() as EventDraft & { type: 'message.received' };
    const events = [{ ...event, data: { ...event.data, author: { type: 'visitor' as const, id } } }];
    const told = knex.transaction((trx) =>
      emit(trx, { tenantId: tenant.tenantId, sessionId, at: systemClock.now(), events }),
    );
    await expect(told).rejects.toThrow(PoisonEvent);
    await expect(told).rejects.toMatchObject({ reason });
    expect(await storedOf(sessionId)).toEqual({ seqs: [], eventSeq: 0 });
  });

  test('facts outside a session have no number, and a test request is not in the feed', async () => {
    const at = systemClock.now();
    const { id } = await tenant.addEndpoint('http://127.0.0.1:9/c', ['turn.failed']);
    const tested: EventDraft = {
      type: 'endpoint.tested',
      dedupeKey: 'test/1',
      data: { endpoint_id: id, requested_by: 'someone' },
    };
    const emission = { tenantId: tenant.tenantId, sessionId: null, at, events: [tested], test: true, onlyEndpoint: id };
    expect(await knex.transaction((trx) => emit(trx, emission))).toEqual([id]);
    await stampAll();
    const query = { sessionId: null, after: 0, type: 'endpoint.tested', limit: 10 };
    expect((await readFeed(knex, tenant.tenantId, query)).bodies).toEqual([]);
  });

  test('eight emitters with rollbacks leave no gap, and two stampers a complete feed in order', async () => {
    const own = await buildWebhookTenant(knex);
    const sessions = [await own.addSession(), await own.addSession()];
    let told = 0;
    const emitter = async (seed: number): Promise<void> => {
      for (let round = 0; round < 12; round += 1) {
        const sessionId = sessions[(seed + round) % 2] ?? null;
        const isRolledBack = (seed * 7 + round) % 3 === 0;
        const events = [messageReceived(), messageReceived()].slice(0, 1 + (round % 2));
        const committed = knex.transaction(async (trx) => {
          // An early transaction id that commits late is what breaks cursors made of ids or times.
          await trx.raw('select pg_current_xact_id()');
          await emit(trx, { tenantId: own.tenantId, sessionId, at: systemClock.now(), events });
          if (isRolledBack) throw new RolledBack();
        });
        // Whatever else fails fails the test at once, by its own name.
        await committed.catch((error: unknown) => expect(error).toBeInstanceOf(RolledBack));
        if (!isRolledBack) told += events.length;
      }
    };
    const read: string[] = [];
    let after = 0;
    const readOn = async (): Promise<boolean> => {
      const page = await readFeed(knex, own.tenantId, { sessionId: null, after, type: null, limit: 100 });
      read.push(...page.bodies);
      after = page.nextAfter;
      return page.hasMore;
    };
    const emitting = { isOver: false };
    const stamping = async (): Promise<void> => {
      while (!emitting.isOver) {
        await Promise.all([stampPositions(knex), stampPositions(knex)]);
        await readOn();
        // The relay looks a few times a second; without any pause this would take the emitters' processor time.
        await sleep(3);
      }
    };
    const emitters = Promise.all(Array.from({ length: 8 }, (_, seed) => emitter(seed))).finally(() => {
      emitting.isOver = true;
    });
    await Promise.all([emitters, stamping()]);
    await stampAll();
    while (await readOn());

    const bodies = read.map((body) => JSON.parse(body) as { id: string; session_id: string; seq: number });
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(told);
    for (const sessionId of sessions) {
      const fed = bodies.filter((body) => body.session_id === sessionId).map(({ seq }) => seq);
      expect(fed).toEqual(Array.from({ length: fed.length }, (_, index) => index + 1));
      expect(await storedOf(sessionId)).toEqual({ seqs: fed, eventSeq: fed.length });
    }
  });
});
