import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { SessionId, TenantId } from '#domain/ids.ts';
import { toUuid } from '#domain/ids.ts';
import { newSecretKey, openKeyRing } from '#platform/key-ring.ts';

import { sessionTokenOf } from '../../api/chat/session-proof.ts';
import { buildChattingTenant } from '../fixtures/chatting-tenant.ts';
import { bearer } from '../fixtures/isolation/credentials.ts';
import { makeApiKey, openSessionFor } from '../fixtures/isolation/direct-credentials.ts';
import { problemOf } from '../fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../fixtures/start-test-api.ts';
import { insertTenantUser, type TenantUser } from '../fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../setup/fresh-database.ts';

const LONG_AGO = new Date('2026-01-01T00:00:00Z');
const SIGN_IN = '401 unauthenticated';
const ring = openKeyRing(newSecretKey('test'));

let database: FreshDatabase;
let api: TestApi;
let owner: TenantUser;

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { keyRing: ring });
  const { tenantId: of } = await buildChattingTenant(database.knex, 'mill');
  owner = await insertTenantUser(database.knex, { of });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

function me(headers: Record<string, string>): Promise<Response> {
  return fetch(`${api.url}/api/auth/me`, { headers });
}

describe('what is no token of ours signs nobody in, in whatever way it is wrong', () => {
  /** Made from one that works, so that only this one thing is wrong. */
  const WRONG: readonly [string, (token: string) => string][] = [
    ['one letter less', (token) => token.slice(0, -1)],
    ['one letter more', (token) => `${token}x`],
    ['its last letter another', (token) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['upper case', (token) => token.toUpperCase()],
    ['without its prefix', (token) => token.slice(7)],
    ['under the prefix of a key', (token) => token.replace('bob_at_', 'bob_sk_')],
    ['padded', (token) => `${token}=`],
    ['percent-encoded', (token) => `%62${token.slice(1)}`],
    ['with something behind it', (token) => `${token} ${token}`],
    ['in a list', (token) => `${token},${token}`],
    ['in quotes', (token) => `"${token}"`],
    ['of 8 KiB', (token) => token + 'x'.repeat(8192 - token.length)],
    ['nothing but blanks', () => '      '],
    ['SQL', () => "' or true --"],
    ['a web token without a signature', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'],
  ];

  test.each(WRONG)('%s', async (_, spoil) => {
    const token = await openSessionFor(database.knex, owner);
    expect((await me(bearer(token))).status).toBe(200);
    const wrong = spoil(token);
    expect(await problemOf(await me(bearer(wrong)))).toBe(SIGN_IN);
    // Quotes around a cookie's value are no part of it (RFC 6265 section 4.1.1).
    if (wrong === `"${token}"`) return;
    expect(await problemOf(await me({ Cookie: `bob=${wrong.replaceAll(/[;,\s]/g, '')}` }))).toBe(SIGN_IN);
  });

  test.each(['Basic', 'Token', 'bearer:', 'BearerX', ''])('a token after the word "%s"', async (scheme) => {
    const token = await openSessionFor(database.knex, owner);
    expect(await problemOf(await me({ Authorization: `${scheme} ${token}` }))).toBe(SIGN_IN);
  });

  test('a header that is larger than all headers may be is refused before anybody looks into it', async () => {
    expect(await problemOf(await me(bearer('x'.repeat(20_000))))).toBe('431 headers-too-large');
  });

  test('a token in the address, or in the body, is none', async () => {
    const token = await openSessionFor(database.knex, owner);
    for (const query of [`token=${token}`, `access_token=${token}`, `authorization=Bearer%20${token}`]) {
      expect(await problemOf(await fetch(`${api.url}/api/auth/me?${query}`))).toBe(SIGN_IN);
    }
  });
});

describe('what was a token is none any more', () => {
  /** Of the one session that this test opened. */
  function endSession(change: object): (token: string) => Promise<unknown> {
    return () =>
      database
        .knex('auth_session')
        .where({ user_id: toUuid(owner.userId), revoked_at: null })
        .update(change);
  }

  test.each([
    ['expired', endSession({ expires_at: LONG_AGO })],
    ['revoked', endSession({ revoked_at: LONG_AGO })],
    ['forgotten', () => database.knex('auth_session').delete()],
  ])('%s', async (_, end) => {
    const token = await openSessionFor(database.knex, owner);
    expect((await me(bearer(token))).status).toBe(200);
    await end(token);
    expect(await problemOf(await me(bearer(token)))).toBe(SIGN_IN);
    expect(await problemOf(await me({ Cookie: `bob=${token}` }))).toBe(SIGN_IN);
  });

  test('a person who was disabled, and every key they made', async () => {
    const leaver = await insertTenantUser(database.knex, { role: 'admin', of: owner.tenantId });
    const token = await openSessionFor(database.knex, leaver);
    const key = await makeApiKey(database.knex, leaver, ['sessions.read']);
    expect([(await me(bearer(token))).status, (await me(bearer(key))).status]).toEqual([200, 200]);
    const { userId } = leaver;
    await database
      .knex('app_user')
      .where({ id: toUuid(userId) })
      .update({ disabled_at: LONG_AGO });
    expect(await problemOf(await me(bearer(token)))).toBe(SIGN_IN);
    expect(await problemOf(await me(bearer(key)))).toBe(SIGN_IN);
  });

  test('a key that was revoked', async () => {
    const key = await makeApiKey(database.knex, owner, ['sessions.read']);
    await database
      .knex('api_key')
      .where({ hint: key.slice(-4) })
      .update({ revoked_at: LONG_AGO });
    expect(await problemOf(await me(bearer(key)))).toBe(SIGN_IN);
  });
});

describe('a visitor’s token opens the one conversation it was made for', () => {
  const NAME = 'short-name';
  let session: SessionId;
  let tenantId: TenantId;

  beforeAll(async () => {
    const tenant = await buildChattingTenant(database.knex, 'bakery');
    ({ tenantId } = tenant);
    const answer = await ask({});
    expect(answer.status).toBe(202);
    const [id = ''] = await database.knex('chat_session').where({ tenant_id: tenantId }).pluck<string[]>('id');
    session = `ses_${id.replaceAll('-', '')}`;
  });

  function ask(headers: Record<string, string>): Promise<Response> {
    return fetch(`${api.url}/api/chat`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'respond-async', ...headers },
      body: JSON.stringify({ session_id: NAME, message: 'Hello', business_id: 'bakery' }),
    });
  }

  test('its own', async () => {
    expect((await ask({ 'X-Session-Token': sessionTokenOf(ring, session) })).status).toBe(202);
  });

  test.each([
    ['of another conversation', () => sessionTokenOf(ring, `ses_${'a'.repeat(32)}`)],
    ['under another key', () => sessionTokenOf(openKeyRing(newSecretKey('test')), session)],
    ['under a key that nobody has', () => sessionTokenOf(ring, session).replace('test.', 'other.')],
    ['under a key of the language', () => sessionTokenOf(ring, session).replace('test.', '__proto__.')],
    ['without a key', () => sessionTokenOf(ring, session).replace('test', '')],
    ['without a signature', () => 'test.'],
    ['with one letter less', () => sessionTokenOf(ring, session).slice(0, -2)],
    ['with more behind it', () => `${sessionTokenOf(ring, session)}AAAA`],
    [
      'of 8 KiB',
      () => `${sessionTokenOf(ring, session)}.${'x'.repeat(8192)}`.replace('test.', `test.${'A'.repeat(9)}`),
    ],
    ['that is the id of the conversation', () => session],
    ['that is empty', () => ''],
  ])('one %s does not', async (_, token) => {
    const before = await database.knex('message').where({ tenant_id: tenantId }).count();
    expect(await problemOf(await ask({ 'X-Session-Token': token() }))).toBe('409 session-proof-required');
    expect(await database.knex('message').where({ tenant_id: tenantId }).count()).toEqual(before);
  });

  test.each([
    ['nobody’s', () => 'bob_visitor=x'],
    ['of 8 KiB', () => `bob_visitor=${'x'.repeat(8192)}`],
    ['that holds the token', () => `bob_visitor=${sessionTokenOf(ring, session)}`],
  ])('a visitor’s cookie %s does not either', async (_, cookie) => {
    expect(await problemOf(await ask({ Cookie: cookie() }))).toBe('409 session-proof-required');
  });
});
