import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { LoggedIn, SignedUp } from '#contract/auth.ts';
import { Team } from '#contract/team.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { openMailbox, type Mailbox } from '../fixtures/mailbox.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { sendJson, type JsonAnswer } from '../fixtures/send-json.ts';

const AUTH = '/api/customers/auth';

let stub: StubModel;
let product: RunningProduct;
let mailbox: Mailbox;
beforeAll(async () => {
  stub = await startStubModel();
  mailbox = await openMailbox();
  product = await startProduct({
    model: { url: stub.url, name: 'stub-20-0-8' },
    env: { BOB_DATA_DIR: mailbox.dataDir },
  });
});
afterAll(async () => {
  await product.close();
  await stub.stop();
  await mailbox.remove();
});

function post(path: string, body: unknown): Promise<JsonAnswer> {
  return sendJson(`${product.url}${path}`, { body });
}

function as(token: string) {
  return (method: string, path: string, body?: unknown): Promise<JsonAnswer> =>
    sendJson(`${product.url}${path}`, { method, body, headers: { Authorization: `Bearer ${token}` } });
}

test('a business signs up, is answered, shares its work, parts with a colleague and forgets its password', async () => {
  const owner = { email: 'ada@lovelace.example', password: 'a first password' };
  const signedUp = SignedUp.parse((await post(`${AUTH}/signup`, { ...owner, business_name: 'Lovelace & Co' })).body);
  const ada = as(signedUp.token);

  const answer = await ada('POST', '/api/chat/message', { session_id: randomUUID(), message: 'mark:hello' });
  expect(answer).toMatchObject({ status: 200, body: { outcome: 'answered', persona: { id: signedUp.persona.id } } });

  await ada('POST', '/api/team', { email: 'bea@lovelace.example', role: 'agent', name: 'Bea' });
  const invite = { token: await mailbox.tokenFor('bea@lovelace.example'), name: 'Bea', password: 'a second password' };
  const joined = LoggedIn.parse((await post(`${AUTH}/invites/accept`, invite)).body);
  const bea = as(joined.token);
  const { data } = (await bea('GET', '/api/sessions')).body as { data: { id: string }[] };
  expect((await bea('POST', `/api/sessions/${data[0]?.id}/takeover`, {})).status).toBe(200);

  const removed = await ada('DELETE', `/api/team/${joined.user.id}`);
  expect(removed).toMatchObject({ status: 200, body: { owned_sessions: 1 } });
  expect((await bea('GET', '/api/sessions')).status).toBe(401);
  expect((await ada('POST', `/api/sessions/${data[0]?.id}/handback`, {})).status).toBe(200);
  expect(Team.parse((await ada('GET', '/api/team')).body)).toMatchObject({ seats: { used: 1, limit: 3 } });

  expect((await post(`${AUTH}/password/forgot`, { email: owner.email })).status).toBe(202);
  const token = await mailbox.tokenFor(owner.email);
  expect((await post(`${AUTH}/password/reset`, { token, password: 'a third password' })).status).toBe(204);
  expect((await ada('GET', '/api/auth/me')).status).toBe(401);
  expect((await post(`${AUTH}/login`, owner)).slug).toBe('invalid-credentials');
  expect((await post(`${AUTH}/login`, { ...owner, password: 'a third password' })).status).toBe(200);
});
