import { randomUUID } from 'node:crypto';

import type { Knex } from 'knex';
import { z } from 'zod';

import { toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import type { Realm } from '#domain/permissions.ts';
import { insertInvite } from '#models/invite.ts';
import { insertPasswordReset } from '#models/password-reset.ts';
import { systemClock } from '#platform/clock.ts';

import { newMailToken, tokenHashOf } from '../../api/auth/tokens.ts';
import { sendJson } from '../fixtures/send-json.ts';
import { insertTenantUser, TEST_PASSWORD } from '../fixtures/tenant-user.ts';
import { keep } from './kept-things.ts';
import type { Things } from './things.ts';

export const FUZZ_ORIGIN = 'https://fuzz.example';

/** As many of each thing: a call that removes one leaves others. */
const EACH = 9;
/** The last ones of the list of sessions, which a person has taken over. */
const TAKEN_FROM = 3;
const TOKENS = 12;
/** One alone, so that token, conversation and message belong together in every call. */
const VISITS = 1;
const MAIL_LASTS_MS = 3_600_000;

const WithId = z.object({ id: z.string() });
const Page = z.object({ data: z.array(z.object({ id: z.coerce.string() })) });
const Answer = z.object({ turn_id: z.string(), message_id: z.string(), session_token: z.string().optional() });

export interface Owner {
  url: string;
  knex: Knex;
  receiverUrl: string;
  tenantId: TenantId;
  userId: UserId;
  realm: Realm;
  businessId: string;
  /** Bearer of somebody who may do everything there. */
  token: string;
}

type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<unknown>;

/** Some of everything that a tenant can have, made by documented calls where there is one. */
export async function setScene(owner: Owner): Promise<Things> {
  const call = callAs(owner);
  const made = async (path: string, body: (n: number) => unknown): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < EACH; n += 1) ids.push(WithId.parse(await call('POST', path, body(n))).id);
    return ids;
  };
  const webhookUrls = [`${owner.receiverUrl}/fuzz`];
  const endpoints = await made('/api/webhooks/endpoints', () => ({ url: webhookUrls[0] }));
  const personas = await made('/api/personas', (n) => ({ name: `Bob ${n}`, systemPrompt: 'You help.' }));
  for (const id of personas) await publishTwice(call, id);
  await call('PUT', '/api/widget/origins', { origins: [FUZZ_ORIGIN] });
  const widgetKeys = await made('/api/widget/keys', (n) => ({ name: `Site ${n}` }));
  const apiKeys = await made('/api/keys', (n) => ({ name: `Export ${n}`, scopes: ['usage.read'] }));
  const role = owner.realm === 'tenant' ? 'viewer' : 'support';
  const invites = await made('/api/team/invites', () => ({ email: newEmail(), role }));
  return {
    ...(await signedInChats(call)),
    ...(await peopleOf(owner, role)),
    personas,
    endpoints,
    webhookUrls,
    widgetKeys,
    apiKeys,
    invites,
    versions: ['1', '2'],
    tenants: [owner.tenantId],
    business: [owner.businessId],
    origins: [FUZZ_ORIGIN],
    passwords: [TEST_PASSWORD],
    deliveries: idsOf(await call('GET', '/api/webhooks/deliveries')),
  };
}

/** Two versions to compare and to restore, and a draft to publish. */
async function publishTwice(call: Call, id: string): Promise<void> {
  await call('POST', `/api/personas/${id}/publish`, { changelog: 'First' });
  await call('PATCH', `/api/personas/${id}`, { tone: 'brief' });
  await call('POST', `/api/personas/${id}/publish`, { changelog: 'Second' });
  await call('PATCH', `/api/personas/${id}`, { tone: 'warm' });
}

async function signedInChats(call: Call): Promise<Things> {
  const clientSessions = Array.from({ length: EACH }, () => randomUUID());
  const turns: string[] = [];
  for (const id of clientSessions) {
    const answer = await call('POST', '/api/chat/message', { session_id: id, message: 'Hello' });
    turns.push(Answer.parse(answer).turn_id);
  }
  const sessions = idsOf(await call('GET', '/api/sessions'));
  for (const id of sessions.slice(TAKEN_FROM)) await call('POST', `/api/sessions/${id}/takeover`);
  return { clientSessions, turns, sessions };
}

/** Colleagues, one of whom signs in; and links of mails, which only their reader knows. */
async function peopleOf({ knex, tenantId, userId, realm }: Owner, role: 'viewer' | 'support'): Promise<Things> {
  const at = systemClock.now();
  const worker = realm === 'tenant' ? 'agent' : 'support';
  const expiresAt = new Date(at.getTime() + MAIL_LASTS_MS);
  const colleagues = [];
  for (let n = 0; n < EACH; n += 1)
    colleagues.push(await insertTenantUser(knex, { realm, role: worker, of: tenantId }));
  const [who, ...members] = colleagues;
  await keep(
    knex,
    colleagues.slice(0, 1).map((colleague) => toUuid(colleague.userId)),
  );
  const inviteTokens = Array.from({ length: TOKENS }, () => newMailToken('in'));
  for (const token of inviteTokens) {
    const to = { email: newEmail(), name: null, role, invitedBy: userId };
    await insertInvite(knex, tenantId, { ...to, tokenHash: tokenHashOf(token), at, expiresAt });
  }
  const resets = Array.from({ length: TOKENS }, () => newMailToken('pr'));
  for (const token of resets) {
    await insertPasswordReset(knex, tenantId, {
      userId: members[0]?.userId ?? userId,
      tokenHash: tokenHashOf(token),
      at,
      expiresAt,
    });
  }
  const emails = who === undefined ? [] : [who.email];
  return {
    members: members.map((member) => member.userId),
    inviteTokens,
    ...(realm === 'tenant'
      ? { customers: emails, customerResets: resets }
      : { operators: emails, operatorResets: resets }),
  };
}

/** Conversations of a visitor: at a business that takes everybody, and from a page with a widget. */
export async function visit(owner: Owner, publicKey: string): Promise<Things> {
  const call = callAs(owner);
  await call('PATCH', '/api/tenant', { public_chat: true });
  const said = async (path: string, more: object, headers: Record<string, string>) => {
    const talks = [];
    for (let n = 0; n < VISITS; n += 1) {
      const id = randomUUID();
      const answer = await callAs({ ...owner, token: '' })(
        'POST',
        path,
        { session_id: id, message: 'Hello', ...more },
        headers,
      );
      talks.push({ id, ...Answer.parse(answer) });
    }
    return talks;
  };
  const open = await said('/api/chat', { business_id: owner.businessId }, {});
  const embedded = await said('/api/widget/chat', {}, { Origin: FUZZ_ORIGIN, 'X-Widget-Key': publicKey });
  return {
    slugs: [owner.businessId],
    visitorSessions: open.map(({ id }) => id),
    visitorTokens: open.flatMap((talk) => talk.session_token ?? []),
    visitorMessages: open.map((talk) => talk.message_id),
    widgetSessions: embedded.map(({ id }) => id),
    widgetTokens: embedded.flatMap((talk) => talk.session_token ?? []),
    widgetMessages: embedded.map((talk) => talk.message_id),
    publicKeys: [publicKey],
  };
}

/** Whatever fails here would make the fuzzing worthless, so it ends the run. */
function callAs({ url, token }: Pick<Owner, 'url' | 'token'>): Call {
  return async (method, path, body, headers = {}) => {
    const credential = token === '' ? {} : { Authorization: `Bearer ${token}` };
    const answer = await sendJson(`${url}${path}`, { method, body, headers: { ...credential, ...headers } });
    if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
}

function idsOf(body: unknown): string[] {
  return Page.parse(body).data.map(({ id }) => id);
}

function newEmail(): string {
  return `${randomUUID()}@example.com`;
}
