import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toId, toUuid, type SessionId } from '#domain/ids.ts';
import { hashPassword } from '#platform/passwords.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { checkDatabase } from '../../bin/invariants/check-database.ts';
import { callChat, visitorOf } from '../fixtures/chat-caller.ts';
import { insertColleague } from '../fixtures/colleagues.ts';
import { ACCOUNTS, startProduct, type RunningProduct } from '../fixtures/running-product.ts';
import { sessionRecord } from '../fixtures/session-record.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';
import { turnRecord } from '../fixtures/turn-record.ts';

const BEN = { email: 'ben@example.com', password: 'a fine password for ben' };

let stub: StubModel;
let product: RunningProduct;
let ana: Supervisor;
let ben: Supervisor;
let benId: `usr_${string}`;

beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' } });
  ana = await superviseAs(product, ACCOUNTS.demo);
  const { rows } = await product.knex.raw<{ rows: { id: `${string}-${string}-${string}-${string}-${string}` }[] }>(
    `select id from tenant where business_id = 'demo'`,
  );
  const tenantId = rows[0]?.id;
  if (tenantId === undefined) throw new Error('there is no demo tenant');
  benId = await insertColleague(product.knex, tenantId, { name: 'Ben' });
  await product
    .knex('app_user')
    .where({ id: toUuid(benId) })
    .update({ email: BEN.email, password_hash: await hashPassword(BEN.password) });
  ben = await superviseAs(product, BEN);
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

async function sessionOf(clientId: string): Promise<SessionId> {
  const listed = await ana.get(`/api/sessions?q=${clientId}`);
  const [found] = listed.body['data'] as { id: SessionId }[];
  if (found === undefined) throw new Error('the conversation is not listed');
  return found.id;
}

/** A conversation whose first message the model thinks about for as long as it takes to step in. */
async function askSlowly() {
  const visitor = visitorOf(product, 'demo');
  const before = stub.stats().log.length;
  const answer = visitor.say('mark:slow !!hang');
  await expect.poll(() => stub.stats().log.length, { timeout: 10_000 }).toBeGreaterThan(before);
  return { visitor, answer, sessionId: await sessionOf(visitor.sessionId) };
}

/** A conversation in which Bob has answered once. */
async function chatted() {
  const visitor = visitorOf(product, 'demo');
  expect(await visitor.say('mark:first')).toMatchObject({ status: 200 });
  return { visitor, sessionId: await sessionOf(visitor.sessionId) };
}

async function transcriptOf(visitor: { sessionId: string }): Promise<{ text: string; author: { type: string } }[]> {
  const url = `${product.url}/api/chat/messages?session_id=${visitor.sessionId}&business_id=demo`;
  const { data } = (await (await fetch(url)).json()) as { data: { text: string; author: { type: string } }[] };
  return data;
}

describe('a takeover', () => {
  test('silences the answer that is being made: the caller is told, and nothing is charged', async () => {
    const { answer, sessionId } = await askSlowly();
    const taken = await ana.act(sessionId, 'takeover', { reason: 'a complaint' });
    expect(taken).toMatchObject({ status: 200, body: { owner: 'human', owner_epoch: 1 } });
    const { status, body } = await answer;
    expect([status, body.outcome, body.reply]).toEqual([200, 'suppressed_by_human', null]);
    const record = await turnRecord(product.knex, body.turn_id ?? '');
    expect(record).toMatchObject({ chargedMillicredits: 0, holds: ['released'], replies: 0 });
  });

  test('keeps later messages for the person: stored, silent, not charged', async () => {
    const { visitor, sessionId } = await chatted();
    await ana.act(sessionId, 'takeover');
    const { body } = await visitor.say('mark:second');
    expect([body.outcome, body.reply]).toEqual(['suppressed_by_human', null]);
    expect(await turnRecord(product.knex, body.turn_id ?? '')).toMatchObject({ chargedMillicredits: 0, calls: [] });
    const view = await ana.get(`/api/sessions/${sessionId}`);
    expect(view.body).toMatchObject({ owner: 'human', last_message: { text: 'mark:second' } });
    expect(view.body['waiting_since']).not.toBeNull();
  });

  test('belongs to one person: the other one is told whose it is', async () => {
    const { sessionId } = await chatted();
    expect(await ben.act(sessionId, 'takeover')).toMatchObject({ status: 200 });
    const refused = { status: 409, body: { type: '/problems/already-owned', owner: { id: benId, name: 'Ben' } } };
    expect(await ana.act(sessionId, 'takeover')).toMatchObject(refused);
    expect(await ana.act(sessionId, 'reply', { text: 'Hello' })).toMatchObject(refused);
    expect(await ben.act(sessionId, 'takeover')).toMatchObject({ status: 200, body: { owner_epoch: 1 } });
  });

  test('tried by two at once is one, and the other one learns who was first', async () => {
    const { sessionId } = await chatted();
    const both = await Promise.all([ana, ben].map((each) => each.act(sessionId, 'takeover')));
    expect(both.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
    const { body } = await ana.get(`/api/sessions/${sessionId}`);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({
      type: '/problems/already-owned',
      owner: body['owner_user'],
      owner_epoch: 1,
    });
    expect(body).toMatchObject({ owner: 'human', owner_epoch: 1 });
  });

  test('asked for twice under one key is done once', async () => {
    const { sessionId } = await chatted();
    const key = { 'idempotency-key': randomUUID() };
    const first = await ana.act(sessionId, 'reply', { text: 'Hello' }, key);
    const again = await ana.act(sessionId, 'reply', { text: 'Hello' }, key);
    expect(first).toMatchObject({ status: 201, body: { seq: 3, author: { type: 'human', ai_generated: false } } });
    expect(again).toEqual(first);
    expect((await sessionRecord(product.knex, sessionId)).seqs).toEqual([1, 2, 3]);
  });
});

describe("a person's reply", () => {
  test('reaches the visitor; a note does not', async () => {
    const { visitor, sessionId } = await chatted();
    await ana.act(sessionId, 'note', { text: 'a regular' });
    await ana.act(sessionId, 'reply', { text: 'Hello, a person here.' });
    const shown = await transcriptOf(visitor);
    expect(shown.map(({ author }) => author.type)).toEqual(['visitor', 'ai', 'human']);
    expect(shown.at(-1)?.text).toBe('Hello, a person here.');
    const thread = await ana.get(`/api/sessions/${sessionId}/messages`);
    const kinds = (thread.body['data'] as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds).toEqual(['text', 'text', 'note', 'text']);
  });
});

describe('a hand-back', () => {
  test('answers the message that waits, once, and Bob is charged again', async () => {
    const { visitor, sessionId } = await chatted();
    await ana.act(sessionId, 'reply', { text: 'One moment.' });
    await visitor.say('mark:waiting');
    const handed = await ana.act(sessionId, 'handback', { note: 'Be kind.' });
    expect(handed).toMatchObject({ status: 200, body: { owner: 'ai', owner_epoch: 2 } });
    const turnId = String(handed.body['turn_id']);
    await expect
      .poll(async () => (await turnRecord(product.knex, turnId)).outcome, { timeout: 20_000 })
      .toBe('answered');
    expect(await turnRecord(product.knex, turnId)).toMatchObject({ holds: ['settled'], replies: 1, receipts: 1 });
    expect(stub.stats().log.at(-1)).toMatchObject({ mark: 'waiting' });
    const record = await sessionRecord(product.knex, sessionId);
    const authors = record.said.map((said) => said.split(':')[0]);
    expect(authors.join(' ')).toBe('visitor ai human visitor handback ai');
    // The hand-back is for the model: no visitor sees it.
    const shown = (await transcriptOf(visitor)).map(({ author }) => author.type);
    expect(shown.join(' ')).toBe('visitor ai human visitor ai');
    expect(await visitor.say('mark:after')).toMatchObject({ body: { outcome: 'answered' } });
  });

  test('tried by two at once is one, and the other one learns that Bob is in charge', async () => {
    const { sessionId } = await chatted();
    await ana.act(sessionId, 'takeover');
    const both = await Promise.all([ana, ben].map((each) => each.act(sessionId, 'handback')));
    expect(both.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({
      type: '/problems/already-owned',
      detail: 'Bob is in charge of this conversation already.',
      owner: null,
      owner_epoch: 2,
    });
    const { said } = await sessionRecord(product.knex, sessionId);
    expect(said.filter((each) => each.startsWith('handback'))).toHaveLength(1);
  });

  test('is refused while nobody would answer', async () => {
    const { sessionId } = await chatted();
    await ana.act(sessionId, 'takeover');
    await product.knex('persona').update({ archived_at: new Date('2026-01-01T00:00:00Z') });
    const refused = await ana.act(sessionId, 'handback');
    await product.knex('persona').update({ archived_at: null });
    expect(refused).toMatchObject({ status: 409, body: { type: '/problems/no-responder' } });
    expect(await ana.act(sessionId, 'handback')).toMatchObject({ status: 200, body: { turn_id: null } });
  });
});

describe('a conversation', () => {
  test('is given to a colleague who may supervise, and to nobody else', async () => {
    const { sessionId } = await chatted();
    expect(await ana.act(sessionId, 'assign', { user_id: benId })).toMatchObject({ status: 200 });
    expect(await ana.get(`/api/sessions/${sessionId}`)).toMatchObject({ body: { owner_user: { name: 'Ben' } } });
    const nobody = toId('usr', randomUUID());
    expect(await ana.act(sessionId, 'assign', { user_id: nobody })).toMatchObject({ status: 404 });
  });

  test('that is closed withholds what runs, and answers 410 from then on', async () => {
    const { visitor, answer, sessionId } = await askSlowly();
    expect(await ana.act(sessionId, 'close', { reason: 'spam' })).toMatchObject({ body: { status: 'closed' } });
    expect((await answer).body.outcome).toBe('suppressed_by_human');
    expect(await visitor.say('more')).toMatchObject({ status: 410, body: { type: '/problems/session-closed' } });
    expect(await ana.act(sessionId, 'takeover')).toMatchObject({ status: 410 });
    expect(await ana.get(`/api/sessions/${sessionId}`)).toMatchObject({
      body: { status: 'closed', closed_reason: 'spam', facts: { turns: 1, credits: '0.000' } },
    });
  });

  test('stands in the lists it belongs to', async () => {
    const { visitor, sessionId } = await chatted();
    const listsWith = async (): Promise<string[]> => {
      const views = ['needs_human', 'mine', 'unassigned', 'ai_live', 'done'];
      const found = views.map(async (view) => {
        const { body } = await ana.get(`/api/sessions?view=${view}&limit=100`);
        return (body['data'] as { id: string }[]).some(({ id }) => id === sessionId) ? [view] : [];
      });
      return (await Promise.all(found)).flat();
    };
    expect(await listsWith()).toEqual(['ai_live']);
    await ana.act(sessionId, 'takeover');
    // The takeover is of an answered conversation: nobody waits for a person yet.
    expect(await listsWith()).toEqual(['mine']);
    await visitor.say('mark:help');
    expect(await listsWith()).toEqual(['needs_human', 'mine']);
    await ana.act(sessionId, 'close', { reason: 'resolved' });
    expect(await listsWith()).toEqual(['done']);
  });

  test('is found on a further page exactly once', async () => {
    for (let said = 0; said < 3; said += 1)
      await visitorOf(product, 'demo').say('mark:page', { prefer: 'respond-async' });
    const ids: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; page < 100 && cursor !== null; page += 1) {
      const { body } = await ana.get(`/api/sessions?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...(body['data'] as { id: string }[]).map(({ id }) => id));
      cursor = body['next_cursor'] as string | null;
    }
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
    expect(await ana.get('/api/sessions?cursor=abc')).toMatchObject({ status: 422 });
  });

  test('of another tenant is nowhere', async () => {
    const stranger = await superviseAs(product, { ...ACCOUNTS.operator, path: '/api/auth/login' });
    const { sessionId } = await chatted();
    const commands: [string, object][] = [
      ['takeover', {}],
      ['handback', {}],
      ['reply', { text: 'x' }],
      ['note', { text: 'x' }],
      ['assign', { user_id: benId }],
      ['close', { reason: 'spam' }],
    ];
    for (const [command, body] of commands) {
      expect([command, (await stranger.act(sessionId, command, body)).status]).toEqual([command, 404]);
    }
    for (const path of [`/api/sessions/${sessionId}`, `/api/sessions/${sessionId}/messages`]) {
      expect(await stranger.get(path)).toMatchObject({ status: 404 });
    }
    expect(await stranger.get(`/api/sessions?q=${sessionId}`)).toMatchObject({ body: { data: [] } });
    expect(await sessionRecord(product.knex, sessionId)).toMatchObject({ owner: 'ai', epoch: 0, audit: [] });
  });

  test('takes no command from a visitor', async () => {
    const { sessionId } = await chatted();
    const answer = await callChat(product.url, { path: `/api/sessions/${sessionId}/takeover`, body: {} });
    expect(answer.status).toBe(401);
  });
});

test('whatever people did, the books are sound', async () => {
  const broken = async () => {
    const verdicts = await checkDatabase(product.env.DATABASE_URL, { settled: true });
    return verdicts.flatMap(({ id, faults }) => faults.map(({ says }) => `${id} ${says}`));
  };
  await expect.poll(broken, { timeout: 30_000, interval: 500 }).toEqual([]);
});
