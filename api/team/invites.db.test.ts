import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LoggedIn } from '#contract/auth.ts';
import { InviteView } from '#contract/team.ts';
import { newUuid } from '#platform/new-id.ts';

import { newEmail, openTeamScene, type TeamScene } from '../../test/fixtures/team-scene.ts';

const TEAM = '/api/team';
const INVITES = '/api/team/invites';
const DAY_MS = 86_400_000;

let scene: TeamScene;
beforeAll(async () => {
  scene = await openTeamScene();
});
afterAll(() => scene.close());

describe('inviting', () => {
  test.each([TEAM, INVITES])('POST %s keeps a seat, sends a mail, and shows no token', async (path) => {
    const owner = await scene.person();
    const email = newEmail();
    const answer = await scene.invite(owner, { email: email.toUpperCase(), role: 'viewer', name: 'Ada' }, path);
    expect(answer.status).toBe(201);
    const made = InviteView.parse(answer.body);
    expect(made).toMatchObject({ state: 'invited', email, role: 'viewer', name: 'Ada' });
    expect(Date.parse(made.expires_at) - Date.parse(made.created_at)).toBe(7 * DAY_MS);
    const token = await scene.mailbox.tokenFor(email);
    expect(JSON.stringify(answer.body)).not.toContain(token);
    expect((await scene.mailbox.mailsTo(email))[0]).toContain('Hello Ada,');
    expect(await scene.teamOf(owner)).toMatchObject({
      data: [{ id: owner.userId }, made],
      seats: { used: 2, limit: 10 },
    });
  });

  test('whoever accepts is signed in as a colleague with that role, once', async () => {
    const owner = await scene.person();
    const { token, user, tenant } = await scene.join(owner, 'admin');
    expect([user.role, user.realm, tenant.id]).toEqual(['admin', 'tenant', owner.tenantId]);
    const me = await scene.asker(token)('GET', '/api/auth/me');
    expect(me.body).toMatchObject({ actor: { id: user.id, name: 'New Colleague' } });
    const mailed = await scene.mailbox.tokenFor(user.email);
    expect((await scene.accept(mailed)).slug).toBe('link-ended');
    expect(await scene.auditOf(owner)).toEqual(['invite.created', 'user.joined']);
    expect((await scene.teamOf(owner)).seats.used).toBe(2);
  });

  test('of sixteen who accept one invite at once, one gets in', async () => {
    const owner = await scene.person();
    const email = newEmail();
    await scene.invite(owner, { email });
    const token = await scene.mailbox.tokenFor(email);
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => scene.accept(token, `Name ${n}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ slug }) => slug === 'link-ended')).toHaveLength(15);
    expect((await scene.teamOf(owner)).data).toHaveLength(2);
  });

  test('ten invites at once find the two free seats of Starter, and no third', async () => {
    const owner = await scene.person({ plan: 'starter' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => scene.invite(owner)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ slug: 'seat-limit-reached', body: { seats: 3 } });
    expect((await scene.teamOf(owner)).seats).toEqual({ used: 3, limit: 3 });
  });

  test('a second invite replaces the first, also where no seat is free', async () => {
    const owner = await scene.person({ plan: 'starter' });
    const email = newEmail();
    await scene.invite(owner);
    await scene.invite(owner, { email, role: 'viewer' });
    const again = InviteView.parse((await scene.invite(owner, { email, role: 'admin' })).body);
    const [first, second] = [await scene.mailbox.tokenFor(email, 1), await scene.mailbox.tokenFor(email, 2)];
    expect((await scene.accept(first)).slug).toBe('link-ended');
    expect((await scene.teamOf(owner)).data.filter((entry) => entry.email === email)).toEqual([again]);
    expect(LoggedIn.parse((await scene.accept(second)).body).user.role).toBe('admin');
  });

  test('an invite that was taken back, or is a week old, opens nothing and frees its seat', async () => {
    const owner = await scene.person({ plan: 'starter' });
    const [back, old] = [newEmail(), newEmail()];
    const { id } = InviteView.parse((await scene.invite(owner, { email: back })).body);
    await scene.invite(owner, { email: old });
    const tokens = [await scene.mailbox.tokenFor(back), await scene.mailbox.tokenFor(old)];
    const stranger = await scene.person();
    expect((await stranger.ask('DELETE', `${INVITES}/${id}`)).slug).toBe('not-found');
    expect((await owner.ask('DELETE', `${INVITES}/${id}`)).status).toBe(204);
    expect((await owner.ask('DELETE', `${INVITES}/${id}`)).slug).toBe('not-found');
    expect((await scene.teamOf(owner)).seats.used).toBe(2);
    scene.clock.moveBy(7 * DAY_MS);
    for (const token of tokens) expect((await scene.accept(token)).slug).toBe('link-ended');
    const later = await scene.person({ of: owner });
    expect((await scene.teamOf(later)).seats.used).toBe(2);
    expect((await scene.invite(later, { email: old })).status).toBe(201);
  });

  test('a plan that became smaller keeps an invited colleague out, with the invite unspent', async () => {
    const owner = await scene.person();
    for (const role of ['admin', 'agent'] as const) await scene.person({ of: owner, role });
    const email = newEmail();
    await scene.invite(owner, { email });
    const token = await scene.mailbox.tokenFor(email);
    const subscription = scene.knex('subscription').where({ tenant_id: owner.tenantId });
    await subscription.clone().update({ plan_key: 'starter' });
    expect((await scene.accept(token)).slug).toBe('seat-limit-reached');
    await subscription.clone().update({ plan_key: 'enterprise' });
    expect((await scene.accept(token)).status).toBe(200);
    expect((await scene.teamOf(owner)).seats).toEqual({ used: 4, limit: null });
  });

  test('a colleague’s address is taken; a stranger’s is told only to the stranger', async () => {
    const [owner, stranger] = [await scene.person(), await scene.person()];
    expect((await scene.invite(owner, { email: owner.email })).slug).toBe('email-taken');
    expect((await scene.invite(owner, { email: stranger.email })).status).toBe(201);
    const token = await scene.mailbox.tokenFor(stranger.email);
    expect((await scene.accept(token)).slug).toBe('email-taken');
    expect((await stranger.ask('GET', '/api/auth/me')).body).toMatchObject({ tenant: { id: stranger.tenantId } });
  });

  test('an invite that may do more than you is neither taken back nor replaced', async () => {
    const owner = await scene.person();
    const admin = await scene.person({ role: 'admin', of: owner });
    const email = newEmail();
    const { id } = InviteView.parse((await scene.invite(owner, { email, role: 'owner' })).body);
    expect((await admin.ask('DELETE', `${INVITES}/${id}`)).slug).toBe('forbidden');
    expect((await scene.invite(admin, { email, role: 'viewer' })).slug).toBe('forbidden');
    expect(LoggedIn.parse((await scene.accept(await scene.mailbox.tokenFor(email))).body).user.role).toBe('owner');
  });

  test('invites end with the power to send them: with a smaller role, and with whoever leaves', async () => {
    const owner = await scene.person();
    const admin = await scene.person({ role: 'admin', of: owner });
    const sendAll = async () => {
      const emails = [newEmail(), newEmail()] as const;
      for (const email of emails) await scene.invite(admin, { email, role: 'admin' });
      return emails;
    };
    const isOpen = async (email: string) => (await scene.teamOf(owner)).data.some((entry) => entry.email === email);
    const kept = newEmail();
    await scene.invite(owner, { email: kept });

    const [demoted] = await sendAll();
    await owner.ask('PATCH', `${TEAM}/${admin.userId}`, { role: 'agent' });
    expect((await scene.accept(await scene.mailbox.tokenFor(demoted))).slug).toBe('link-ended');
    await owner.ask('PATCH', `${TEAM}/${admin.userId}`, { role: 'admin' });

    const [first, second] = await sendAll();
    const { body } = await owner.ask('DELETE', `${TEAM}/${admin.userId}`);
    expect((body as { revoked_invites: string[] }).revoked_invites).toHaveLength(2);
    expect((await scene.accept(await scene.mailbox.tokenFor(first))).slug).toBe('link-ended');
    expect([await isOpen(demoted), await isOpen(second), await isOpen(kept)]).toEqual([false, false, true]);
  });

  test('the same Idempotency-Key invites and mails once', async () => {
    const owner = await scene.person();
    const email = newEmail();
    const headers = { 'Idempotency-Key': newUuid() };
    const body = { email, role: 'agent' };
    const first = await owner.ask('POST', INVITES, body, headers);
    const again = await owner.ask('POST', INVITES, body, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    await scene.mailer.close();
    expect(await scene.mailbox.mailsTo(email)).toHaveLength(1);
  });
});
