import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { sha256Hex } from '#platform/digest.ts';

import { buildChattingTenant, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { followFeed, type FollowedFeed } from '../../test/fixtures/feed-reader.ts';
import { callerWith, signInUser, tokenOf, type SignedInCaller } from '../../test/fixtures/signed-in-caller.ts';
import { streamChat } from '../../test/fixtures/sse-reader.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createEventStreams } from './event-streams.ts';

const BUSINESS = 'revoking';
const PAGE = 'https://shop.example';
const FEED = '/api/sessions/feed';
const PATIENCE = { timeout: 10_000 };

let database: FreshDatabase;
let api: TestApi;
let tenant: ChattingTenant;
let owner: SignedInCaller;
let kept: FollowedFeed;
beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { streams: createEventStreams({ heartbeatMs: 20 }) });
  tenant = await buildChattingTenant(database.knex, BUSINESS);
  owner = await signInUser({ url: api.url, knex: database.knex }, { of: tenant.tenantId });
  kept = await followAs(await tokenOf(api.url, owner));
});
// Whoever lost nothing reads on, through all that happens to the others.
afterEach(() => expect([kept.isOver(), api.deps.streams.size()]).toEqual([false, 1]));
afterAll(async () => {
  kept.leave();
  await api.close();
  await database.drop();
});

function followAs(token: string, path = FEED): Promise<FollowedFeed> {
  return followFeed(`${api.url}${path}`, { authorization: `Bearer ${token}` });
}

async function expectEndAt(feed: FollowedFeed, loss: () => Promise<Response>): Promise<void> {
  expect([feed.status, feed.isOver()]).toEqual([200, false]);
  const answer = await loss();
  expect(answer.status, await answer.text()).toBeLessThan(300);
  await expect.poll(feed.isOver, PATIENCE).toBe(true);
}

async function colleague() {
  const user = await insertTenantUser(database.knex, { of: tenant.tenantId, role: 'agent' });
  return { ...user, token: await tokenOf(api.url, user) };
}

async function created(path: string, body: object): Promise<Record<string, string>> {
  const answer = await owner.call('POST', path, body);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Record<string, string>;
}

test('a session that is signed out reads no further', async () => {
  const { token } = await colleague();
  const feed = await followAs(token);
  await expectEndAt(feed, () => callerWith(api.url, token)('POST', '/api/customers/auth/logout'));
  expect((await followAs(token)).status).toBe(401);
});

test('a member who is removed reads no conversation further', async () => {
  const { token, userId } = await colleague();
  const { sessionId } = await tenant.say('hello', null);
  const thread = await followAs(token, `/api/sessions/${sessionId}/messages`);
  await expectEndAt(thread, () => owner.call('DELETE', `/api/team/${userId}`));
});

test('a program whose key is revoked reads no further', async () => {
  const { id, secret = '' } = await created('/api/keys', { name: 'Reader', scopes: ['sessions.read'] });
  await expectEndAt(await followAs(secret), () => owner.call('DELETE', `/api/keys/${id}`));
});

test('a program whose key is revoked hears no more of the answer it waits for', async () => {
  const { id, secret = '' } = await created('/api/keys', { name: 'Asker', scopes: ['chat.manage'] });
  const body = { session_id: `asked-${id}`, message: 'hello' };
  const answer = await streamChat(api.url, {
    path: '/api/chat/message',
    body,
    headers: { authorization: `Bearer ${secret}` },
  });
  await expect.poll(() => answer.events.map(({ event }) => event), PATIENCE).toContain('accepted');
  expect((await owner.call('DELETE', `/api/keys/${id}`)).ok).toBe(true);
  expect(await answer.ended).toBeNull();
});

test.each([
  ['whose key is revoked', (keyId: string) => owner.call('DELETE', `/api/widget/keys/${keyId}`)],
  ['that is struck off the list', () => owner.call('PUT', '/api/widget/origins', { origins: [] })],
])('a page %s reads no further', async (_what, loss) => {
  await owner.call('PUT', '/api/widget/origins', { origins: [PAGE] });
  const { id = '', key = '' } = await created('/api/widget/keys', {});
  const headers = { origin: PAGE, 'x-widget-key': key };
  const body = { session_id: `page-${id}`, message: 'hello' };
  const chat = await streamChat(api.url, { path: '/api/widget/chat', body, headers });
  await expect.poll(() => chat.events.length, PATIENCE).toBeGreaterThan(0);
  chat.leave();
  const token = String(chat.events[0]?.data['session_token']);
  const messages = `${api.url}/api/widget/chat/messages?session_id=${body.session_id}`;
  const feed = await followFeed(messages, { ...headers, 'x-session-token': token });
  await expectEndAt(feed, () => loss(id));
});

test('a visitor of a business that closes its public chat reads no further', async () => {
  const name = randomUUID();
  await tenant.say('hello', null, sha256Hex(name));
  const feed = await followFeed(`${api.url}/api/chat/messages?session_id=${name}&business_id=${BUSINESS}`);
  await expectEndAt(feed, () => owner.call('PATCH', '/api/tenant', { public_chat: false }));
});
