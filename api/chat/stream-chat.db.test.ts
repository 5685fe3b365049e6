import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid, type TurnId } from '#domain/ids.ts';

import { buildChattingTenant, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { releaseText } from '../../test/fixtures/session-record.ts';
import { type ChatStream, streamChat } from '../../test/fixtures/sse-reader.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const BUSINESS = 'streaming';
const AT = new Date('2026-03-10');

let database: FreshDatabase;
let tenant: ChattingTenant;
let api: TestApi;
beforeAll(async () => {
  database = await freshDatabase();
  tenant = await buildChattingTenant(database.knex, BUSINESS);
  api = await startTestApi(database.knex);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** A message whose answer the test writes itself, as a worker would: there is none. */
async function ask(sessionId = randomUUID()) {
  const key = { 'idempotency-key': randomUUID() };
  const body = { session_id: sessionId, message: 'Hello', business_id: BUSINESS };
  const stream = await streamChat(api.url, { body, headers: key });
  await expect.poll(() => stream.events.length).toBe(2);
  const turnId = stream.events[0]?.data['turn_id'] as TurnId;
  return {
    stream,
    turnId,
    /** From now on these are the pieces of its tries. */
    async release(...tries: string[][]): Promise<void> {
      await database
        .knex('reply_chunk')
        .where({ turn_id: toUuid(turnId) })
        .delete();
      await releaseText(database.knex, turnId, tries);
    },
    comeBack: (left: Pick<ChatStream, 'screen' | 'lastId'>) =>
      streamChat(api.url, {
        body,
        headers: { ...key, 'last-event-id': left.lastId() },
        screen: left.screen(),
      }),
  };
}

/** Puts the reply on record and tells whoever waits in this process. */
async function answer(turnId: TurnId, text: string | null): Promise<void> {
  const { knex } = database;
  const turn = { tenant_id: tenant.tenantId, id: toUuid(turnId) };
  const row = await knex('turn').where(turn).first<{ session_id: string; message_seq: number }>();
  const seq = row.message_seq + 100;
  if (text !== null) {
    const place = { tenant_id: tenant.tenantId, session_id: row.session_id, seq };
    await knex('message').insert({ ...place, id: randomUUID(), author: 'ai', text, turn_id: turn.id, created_at: AT });
  }
  const outcome = { outcome: 'answered', reply_seq: text === null ? null : seq };
  await knex('turn')
    .where(turn)
    .update({ state: 'closed', closed_at: AT, ...outcome });
  api.deps.answers.hear(turnId);
}

async function cover(turnId: TurnId, by: TurnId): Promise<void> {
  const ended = { state: 'closed', outcome: 'superseded', covered_by: toUuid(by), closed_at: AT };
  await database
    .knex('turn')
    .where({ id: toUuid(turnId) })
    .update(ended);
  api.deps.answers.hear(turnId);
}

function told(stream: ChatStream): string[] {
  return stream.events.map(({ event, data }) => (event === 'delta' ? `delta ${String(data['delta'])}` : event));
}

describe('a stream', () => {
  it('begins with the message on record, whoever answers it, and passes on what is written', async () => {
    const { stream, turnId, release } = await ask();
    const { headers, events } = stream;
    const names = ['content-type', 'x-accel-buffering', 'content-encoding'];
    expect(names.map((name) => headers.get(name))).toEqual(['text/event-stream', 'no', null]);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(events[0]).toMatchObject({
      id: `${turnId}.0.0`,
      event: 'accepted',
      data: {
        message_id: expect.stringMatching(/^msg_/),
        session_token: expect.any(String),
        disclosure: { version: 1 },
      },
    });
    expect(events[1]).toMatchObject({ event: 'status', data: { state: 'thinking' } });
    await release(['Up ', 'to ']);
    api.deps.answers.hearPieces(turnId);
    await expect.poll(stream.screen).toBe('Up to ');
    await answer(turnId, 'Up to three.');
    expect(await stream.ended).toMatchObject({ turn_id: turnId, reply: 'Up to three.' });
    expect(told(stream)).toEqual(['accepted', 'status', 'delta Up ', 'delta to ', 'delta three.', 'done']);
    expect(stream.lastId()).toBe(`${turnId}.1.3`);
  });

  it('whose reader leaves ends alone: its turn goes on, and nothing of it stays in the process', async () => {
    const { stream, turnId } = await ask();
    expect([api.deps.answers.size(), api.deps.streams.size()]).toEqual([1, 1]);
    stream.leave();
    await expect.poll(() => [api.deps.answers.size(), api.deps.streams.size()]).toEqual([0, 0]);
    const { rows } = await database.knex.raw<{ rows: { state: string }[] }>('select state from turn where id = ?', [
      toUuid(turnId),
    ]);
    expect(rows).toEqual([{ state: 'accepted' }]);
  });

  it('goes over to the turn that answers in its place', async () => {
    const sessionId = randomUUID();
    const [first, second] = [await ask(sessionId), await ask(sessionId)];
    await cover(first.turnId, second.turnId);
    await second.release(['Seen ']);
    for (const { turnId } of [first, second]) api.deps.answers.hearPieces(turnId);
    await expect.poll(first.stream.screen).toBe('Seen ');
    expect(first.stream.lastId()).toBe(`${second.turnId}.1.1`);
    const left = { screen: first.stream.screen, lastId: first.stream.lastId };
    const back = await first.comeBack(left);
    await answer(second.turnId, 'Seen both.');
    const done = { turn_id: first.turnId, outcome: 'superseded', covered_by: second.turnId, reply: 'Seen both.' };
    expect(await first.stream.ended).toMatchObject(done);
    expect(await back.ended).toMatchObject(done);
    expect([first.stream.screen(), back.screen()]).toEqual(['Seen both.', 'Seen both.']);
    expect(told(back)).toEqual(['accepted', 'delta both.', 'done']);
  });
});

describe('who comes back', () => {
  it('gets what is missing, and the answer', async () => {
    const { stream, turnId, release, comeBack } = await ask();
    await release(['Up ']);
    api.deps.answers.hearPieces(turnId);
    await expect.poll(stream.screen).toBe('Up ');
    stream.leave();
    await release(['Up '].slice(1), []);
    await database
      .knex('reply_chunk')
      .where({ turn_id: toUuid(turnId) })
      .delete();
    await release(['Up ', 'to ', 'three.']);
    const back = await comeBack(stream);
    await answer(turnId, 'Up to three.');
    expect(await back.ended).toMatchObject({ reply: 'Up to three.' });
    expect([back.screen(), told(back)]).toEqual(['Up to three.', ['accepted', 'delta to ', 'delta three.', 'done']]);
    expect(back.headers.get('idempotency-replayed')).toBe('true');
  });

  it('after the end gets the rest and the answer, nobody having to answer again', async () => {
    const { stream, turnId, release, comeBack } = await ask();
    stream.leave();
    await release(['Up ', 'to ', 'three.']);
    await answer(turnId, 'Up to three.');
    const back = await comeBack({ screen: () => 'Up ', lastId: () => `${turnId}.1.1` });
    expect(await back.ended).toMatchObject({ reply: 'Up to three.' });
    expect(told(back)).toEqual(['accepted', 'delta to ', 'delta three.', 'done']);
    const again = await comeBack(back);
    expect(await again.ended).toMatchObject({ reply: 'Up to three.' });
    expect([told(again), again.screen()]).toEqual([['accepted', 'done'], 'Up to three.']);
  });

  it('when a newer try is under way, has to forget what it had', async () => {
    const { stream, turnId, release, comeBack } = await ask();
    stream.leave();
    await release(['Up ', 'to '], ['Down ', 'to ']);
    const back = await comeBack({ screen: () => 'Up to ', lastId: () => `${turnId}.1.2` });
    await expect.poll(back.screen).toBe('Down to ');
    await answer(turnId, 'Down to one.');
    await back.ended;
    expect(told(back)).toEqual(['accepted', 'reset', 'delta Down ', 'delta to ', 'delta one.', 'done']);
  });

  it('when the pieces are purged, gets the answer alone', async () => {
    const { stream, turnId, comeBack } = await ask();
    stream.leave();
    await answer(turnId, 'Up to three.');
    const back = await comeBack({ screen: () => 'Up ', lastId: () => `${turnId}.1.1` });
    expect(await back.ended).toMatchObject({ reply: 'Up to three.' });
    expect(told(back)).toEqual(['accepted', 'done']);
  });

  it('without having seen anything, gets all of it', async () => {
    const { stream, turnId, comeBack } = await ask();
    stream.leave();
    await answer(turnId, 'Up to three.');
    const back = await comeBack({ screen: () => '', lastId: () => `${turnId}.0.0` });
    await back.ended;
    expect(told(back)).toEqual(['accepted', 'delta Up to three.', 'done']);
  });

  it('to an answer of which nothing stays, sees its words go', async () => {
    const { stream, turnId, release, comeBack } = await ask();
    stream.leave();
    await release(['Up ']);
    await answer(turnId, null);
    const back = await comeBack({ screen: () => 'Up ', lastId: () => `${turnId}.1.1` });
    expect(await back.ended).toMatchObject({ reply: null });
    expect([told(back), back.screen()]).toEqual([['accepted', 'reset', 'done'], '']);
  });

  it('with an id that we never wrote, begins at the start', async () => {
    const { stream, turnId, release, comeBack } = await ask();
    stream.leave();
    await release(['Up ']);
    const back = await comeBack({ screen: () => '', lastId: () => 'trn_1.x.2' });
    await expect.poll(back.screen).toBe('Up ');
    await answer(turnId, 'Up ');
    expect(await back.ended).toMatchObject({ reply: 'Up ' });
  });
});

it('a process that stops ends its streams without an answer, and their readers come back', async () => {
  const stopping = await startTestApi(database.knex);
  const body = { session_id: randomUUID(), message: 'Hello', business_id: BUSINESS };
  const stream = await streamChat(stopping.url, { body });
  await expect.poll(() => stream.events.length).toBe(2);
  stopping.deps.answers.release();
  stopping.deps.streams.release();
  expect(await stream.ended).toBeNull();
  expect((await streamChat(stopping.url, { body: { ...body, session_id: randomUUID() } })).status).toBe(503);
  await stopping.close();
});
