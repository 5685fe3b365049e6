import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid, type SessionId } from '#domain/ids.ts';
import { takeOver } from '#models/commands/take-over.ts';
import { sha256Hex } from '#platform/digest.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { insertColleague } from '../../test/fixtures/colleagues.ts';
import { followFeed, type FollowedFeed } from '../../test/fixtures/feed-reader.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const BUSINESS = 'feeding';

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

/** A conversation of one message, under a name that only its visitor knows. */
async function converse() {
  const name = randomUUID();
  const { sessionId } = await tenant.say('message 1', null, sha256Hex(name));
  const url = `${api.url}/api/chat/messages?session_id=${name}&business_id=${BUSINESS}`;
  const follow = (query = '', headers: Record<string, string> = {}) => followFeed(url + query, headers);
  return { sessionId, follow };
}

/** Further messages, committed together as one statement does it: with the session's counter. */
async function append(sessionId: SessionId, count: number, more: object = {}): Promise<void> {
  const session = { tenant_id: tenant.tenantId, id: toUuid(sessionId) };
  await database.knex.transaction(async (trx) => {
    const row = await trx('chat_session').where(session).forUpdate().first<{ next_seq: number }>('next_seq');
    const rows = Array.from({ length: count }, (_, index) => {
      const seq = row.next_seq + index;
      const message = { id: randomUUID(), author: 'visitor', text: `message ${seq}`, created_at: CHATTING_AT };
      return { tenant_id: tenant.tenantId, session_id: session.id, seq, ...message, ...more };
    });
    await trx('message').insert(rows);
    await trx('chat_session').where(session).increment('next_seq', count);
  });
}

function seqsOf(feed: FollowedFeed): unknown[] {
  return feed.events.filter(({ event }) => event === 'message').map(({ data }) => data['seq']);
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('a visitor’s feed', () => {
  it('begins with all there is, page after page, each message once and in order', async () => {
    const { sessionId, follow } = await converse();
    await append(sessionId, 249);
    const feed = await follow();
    await expect.poll(() => seqsOf(feed).length).toBe(250);
    expect(seqsOf(feed)).toEqual(upTo(250));
    expect(feed.headers.get('x-accel-buffering')).toBe('no');
    feed.leave();
  });

  it('goes on behind the last message its reader has; its own number comes before the query’s', async () => {
    const { sessionId, follow } = await converse();
    await append(sessionId, 9);
    const feeds = await Promise.all([
      follow('&after=4'),
      follow('&after=4', { 'last-event-id': '7' }),
      follow('&after=4', { 'last-event-id': 'seven' }),
      follow('', { 'last-event-id': '10' }),
    ]);
    await append(sessionId, 1);
    api.deps.live.ring([sessionId]);
    await expect.poll(() => feeds.map(seqsOf)).toEqual([upTo(11, 5), upTo(11, 8), upTo(11, 5), [11]]);
    for (const feed of feeds) feed.leave();
  });

  it('tells what comes at a ring, and what nobody rang for a second later', async () => {
    const { sessionId, follow } = await converse();
    const feed = await follow();
    await expect.poll(() => seqsOf(feed)).toEqual([1]);
    await append(sessionId, 1);
    api.deps.live.hear('session_changed', sessionId);
    await expect.poll(() => seqsOf(feed)).toEqual([1, 2]);
    await append(sessionId, 1);
    await expect.poll(() => seqsOf(feed)).toEqual([1, 2, 3]);
    feed.leave();
  });

  it('tells who speaks, at its start and at each change, and never what the team keeps to itself', async () => {
    const { sessionId, follow } = await converse();
    const feed = await follow();
    await expect
      .poll(() => feed.events.at(-1))
      .toEqual({ id: '1', event: 'owner', data: { owner: 'ai', agent: null } });
    const by = await insertColleague(database.knex, tenant.tenantId, { name: 'Ana' });
    await takeOver(
      database.knex,
      { tenantId: tenant.tenantId, sessionId },
      { takeover: { by, reason: null }, now: CHATTING_AT },
    );
    await append(sessionId, 1, { author: 'human', author_user_id: toUuid(by), kind: 'note' });
    await append(sessionId, 1, { author: 'human', author_user_id: toUuid(by) });
    api.deps.live.ring([sessionId]);
    await expect
      .poll(() => feed.events.at(-1))
      .toEqual({ id: '3', event: 'owner', data: { owner: 'human', agent: 'Ana' } });
    expect(seqsOf(feed)).toEqual([1, 3]);
    feed.leave();
  });

  it('of a reader that is gone leaves no watch, timer or stream behind', async () => {
    const { follow } = await converse();
    const feeds = await Promise.all([follow(), follow(), follow()]);
    await expect.poll(() => feeds.map(seqsOf)).toEqual([[1], [1], [1]]);
    expect([api.deps.live.size(), api.deps.streams.size()]).toEqual([3, 3]);
    for (const feed of feeds) feed.leave();
    await expect.poll(() => [api.deps.live.size(), api.deps.streams.size()]).toEqual([0, 0]);
  });

  it('ends when the database is away, and its reader comes back; before a first byte it is a problem', async () => {
    const { follow } = await converse();
    const feed = await follow();
    await expect.poll(() => seqsOf(feed)).toEqual([1]);
    await database.knex.raw('alter table chat_session rename column owner_epoch to gone');
    try {
      await expect.poll(() => api.deps.streams.size()).toBe(0);
      expect((await follow()).status).toBe(500);
    } finally {
      await database.knex.raw('alter table chat_session rename column gone to owner_epoch');
    }
    const back = await follow('', { 'last-event-id': '1' });
    await expect.poll(() => back.events.length).toBe(1);
    back.leave();
  });

  it('is read by who proves that the conversation is theirs, and by nobody else', async () => {
    const { follow } = await converse();
    const feed = await follow();
    expect([feed.status, feed.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    feed.leave();
    await tenant.say('message 1', null, sha256Hex('a name to guess'));
    const guessed = `${api.url}/api/chat/messages?session_id=a%20name%20to%20guess&business_id=${BUSINESS}`;
    expect((await followFeed(guessed)).status).toBe(409);
  });
});
