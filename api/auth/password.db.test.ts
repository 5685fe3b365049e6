import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Realm } from '#domain/permissions.ts';
import { fixedClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { createMailer, type Mailer } from '#platform/mail.ts';

import { openMailbox, type Mailbox } from '../../test/fixtures/mailbox.ts';
import { sendJson, type JsonAnswer } from '../../test/fixtures/send-json.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, TEST_PASSWORD, type TenantUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

const NEW_PASSWORD = 'another fine password';
const HOUR_MS = 3_600_000;
const PREFIX: Record<Realm, string> = { operator: '/api/auth', tenant: '/api/customers/auth' };

let database: FreshDatabase;
let api: TestApi;
let mailbox: Mailbox;
let mailer: Mailer;
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  database = await freshDatabase();
  mailbox = await openMailbox();
  const env = { BOB_DATA_DIR: mailbox.dataDir };
  mailer = createMailer({ env, clock, logger: createLogger({ level: 'silent' }) });
  api = await startTestApi(database.knex, { clock, mailer });
});
afterAll(async () => {
  await api.close();
  await mailer.close();
  await database.drop();
  await mailbox.remove();
});

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<JsonAnswer> {
  return sendJson(`${api.url}${path}`, { body, headers });
}

function logIn({ email }: TenantUser, password = TEST_PASSWORD, realm: Realm = 'tenant'): Promise<JsonAnswer> {
  return post(`${PREFIX[realm]}/login`, { email, password });
}

async function tokenOf(user: TenantUser, password = TEST_PASSWORD, realm: Realm = 'tenant'): Promise<string> {
  const { body } = await logIn(user, password, realm);
  return (body as { token: string }).token;
}

async function isSignedIn(token: string): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await sendJson(`${api.url}/api/auth/me`, { method: 'GET', headers })).status === 200;
}

function forgot({ email }: { email: string }, realm: Realm = 'tenant'): Promise<JsonAnswer> {
  return post(`${PREFIX[realm]}/password/forgot`, { email });
}

function reset(token: string, password = NEW_PASSWORD, realm: Realm = 'tenant'): Promise<JsonAnswer> {
  return post(`${PREFIX[realm]}/password/reset`, { token, password });
}

async function mailedToken(user: TenantUser, nth = 1): Promise<string> {
  await forgot(user);
  return mailbox.tokenFor(user.email, nth);
}

describe('by mail', () => {
  test.each(['tenant', 'operator'] as const)('a user of the realm %s sets a new password', async (realm) => {
    const user = await insertTenantUser(database.knex, { realm, role: 'admin' });
    const session = await tokenOf(user, TEST_PASSWORD, realm);
    expect((await forgot(user, realm)).status).toBe(202);
    const token = await mailbox.tokenFor(user.email);
    const elsewhere = realm === 'tenant' ? 'operator' : 'tenant';
    expect((await reset(token, NEW_PASSWORD, elsewhere)).slug).toBe('link-ended');

    expect((await reset(token, NEW_PASSWORD, realm)).status).toBe(204);
    expect(await isSignedIn(session)).toBe(false);
    expect((await logIn(user, TEST_PASSWORD, realm)).slug).toBe('invalid-credentials');
    expect((await logIn(user, NEW_PASSWORD, realm)).status).toBe(200);
    expect((await reset(token, 'a third password', realm)).slug).toBe('link-ended');
  });

  test('known and unknown addresses get the same answer, and only the known one a mail', async () => {
    const user = await insertTenantUser(database.knex);
    const stranger = { email: 'nobody-at-all@example.com' };
    const answers = [await forgot(stranger), await forgot(user), await forgot(user, 'operator')];
    for (const { status, body } of answers) expect([status, body]).toEqual([202, answers[0]?.body]);
    await mailer.close();
    expect(await mailbox.mailsTo(user.email)).toHaveLength(1);
    expect(await mailbox.mailsTo(stranger.email)).toEqual([]);
  });

  test('of sixteen uses of one token at once, one wins', async () => {
    const user = await insertTenantUser(database.knex);
    const token = await mailedToken(user);
    const passwords = Array.from({ length: 16 }, (_, n) => `password number ${n}`);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    const winners = passwords.filter((_, n) => answers[n]?.status === 204);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ slug }) => slug === 'link-ended')).toHaveLength(15);
    expect((await logIn(user, winners[0])).status).toBe(200);
  });

  test('a token ends after an hour, and with another change of the password', async () => {
    const user = await insertTenantUser(database.knex);
    const [first, second] = [await mailedToken(user), await mailedToken(user, 2)];
    expect((await reset(first)).status).toBe(204);
    expect((await reset(second)).slug).toBe('link-ended');
    const third = await mailedToken(user, 3);
    clock.moveBy(HOUR_MS);
    expect((await reset(third)).slug).toBe('link-ended');
  });

  test('a mailbox gets five mails an hour at most, whoever asks', async () => {
    const user = await insertTenantUser(database.knex);
    for (let n = 0; n < 7; n += 1) await forgot(user);
    // Closing waits for what is under way.
    await mailer.close();
    expect(await mailbox.mailsTo(user.email)).toHaveLength(5);
  });

  test('it opens an account that wrong guesses have locked', async () => {
    const user = await insertTenantUser(database.knex);
    for (let n = 0; n < 10; n += 1) await logIn(user, 'wrong');
    expect((await logIn(user)).slug).toBe('rate-limited');
    await reset(await mailedToken(user));
    expect((await logIn(user, NEW_PASSWORD)).status).toBe(200);
  });

  test('somebody who was removed gets no mail', async () => {
    const user = await insertTenantUser(database.knex);
    await database.knex('app_user').where({ email: user.email }).update({ disabled_at: clock.now() });
    await forgot(user);
    await mailer.close();
    expect(await mailbox.mailsTo(user.email)).toEqual([]);
  });

  test('neither token nor address is stored or audited in the clear', async () => {
    const user = await insertTenantUser(database.knex);
    const token = await mailedToken(user);
    await reset(token);
    const rows = await database.knex('password_reset').where({ tenant_id: user.tenantId });
    const audited = await database.knex('audit_event').where({ tenant_id: user.tenantId });
    expect(audited).toMatchObject([{ action: 'user.password_changed', after: { by: 'mail' } }]);
    expect(JSON.stringify([rows, audited])).not.toContain(token);
    expect(JSON.stringify(audited)).not.toContain(NEW_PASSWORD);
  });
});

describe('by the old one', () => {
  function change(token: string, current: string, wanted = NEW_PASSWORD, prefix = PREFIX.tenant): Promise<JsonAnswer> {
    return sendJson(`${api.url}${prefix}/password`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${token}` },
      body: { current_password: current, new_password: wanted },
    });
  }

  test('the session that changes it stays, every other ends', async () => {
    const user = await insertTenantUser(database.knex);
    const [mine, other] = [await tokenOf(user), await tokenOf(user)];
    expect((await change(mine, TEST_PASSWORD)).status).toBe(204);
    expect([await isSignedIn(mine), await isSignedIn(other)]).toEqual([true, false]);
    expect([(await logIn(user)).status, (await logIn(user, NEW_PASSWORD)).status]).toEqual([401, 200]);
  });

  test('it ends the mails that were asked for before', async () => {
    const user = await insertTenantUser(database.knex);
    const mailed = await mailedToken(user);
    await change(await tokenOf(user), TEST_PASSWORD);
    expect((await reset(mailed)).slug).toBe('link-ended');
  });

  test('a wrong one changes nothing, and is counted as at sign-in', async () => {
    const user = await insertTenantUser(database.knex);
    const token = await tokenOf(user);
    const wrong = await change(token, 'wrong');
    expect([wrong.status, wrong.slug]).toEqual([403, 'wrong-password']);
    for (let n = 0; n < 9; n += 1) await change(token, 'wrong');
    expect((await change(token, TEST_PASSWORD)).slug).toBe('rate-limited');
    expect((await logIn(user)).slug).toBe('rate-limited');
    expect(await isSignedIn(token)).toBe(true);
  });

  test('of two changes at once, one wins and its session alone is left', async () => {
    const user = await insertTenantUser(database.knex);
    const sessions = [await tokenOf(user), await tokenOf(user)];
    const answers = await Promise.all(sessions.map((token, n) => change(token, TEST_PASSWORD, `new password ${n}`)));
    const won = answers.findIndex(({ status }) => status === 204);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(await Promise.all(sessions.map(isSignedIn))).toEqual(sessions.map((_, n) => n === won));
    expect((await logIn(user, `new password ${won}`)).status).toBe(200);
  });

  test('a change and a reset at once do not wait for each other for ever', async () => {
    const user = await insertTenantUser(database.knex);
    for (let round = 1; round <= 4; round += 1) {
      const current = round === 1 ? TEST_PASSWORD : `password ${round - 1}`;
      const token = await tokenOf(user, current);
      const mailed = await mailedToken(user, round);
      const wanted = `password ${round}`;
      const answers = await Promise.all([change(token, current, wanted), reset(mailed, wanted)]);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
      expect((await logIn(user, wanted)).status).toBe(200);
    }
  });

  test('operator staff change theirs at their own address', async () => {
    const user = await insertTenantUser(database.knex, { realm: 'operator', role: 'support' });
    const token = await tokenOf(user, TEST_PASSWORD, 'operator');
    expect((await change(token, TEST_PASSWORD, NEW_PASSWORD, PREFIX.operator)).status).toBe(204);
    expect((await logIn(user, NEW_PASSWORD, 'operator')).status).toBe(200);
  });
});

test('a sign-in that races a change of the password leaves no session of the old one', async () => {
  const user = await insertTenantUser(database.knex);
  for (let round = 0; round < 5; round += 1) {
    const [from, to] = round % 2 === 0 ? [TEST_PASSWORD, NEW_PASSWORD] : [NEW_PASSWORD, TEST_PASSWORD];
    const token = await mailedToken(user, round + 1);
    const [raced] = await Promise.all([logIn(user, from), reset(token, to)]);
    const sessions = raced.status === 200 ? [(raced.body as { token: string }).token] : [];
    expect(await Promise.all(sessions.map(isSignedIn))).toEqual(sessions.map(() => false));
  }
});
