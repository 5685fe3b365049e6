import { afterAll, beforeAll, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat, type ChatReply, logIn } from '../fixtures/chat-caller.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { callerWith, type Call } from '../fixtures/signed-in-caller.ts';

let stub: StubModel;
let product: RunningProduct;
let token: string;
let call: Call;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-0-0-8' } });
  token = await logIn(product.url, { ...ACCOUNTS.demo, path: '/api/customers/auth/login' });
  call = callerWith(product.url, token);
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

const PUBLICATIONS = 100;

function say(session_id: string, message: string): Promise<ChatReply> {
  const headers = { authorization: `Bearer ${token}` };
  return callChat(product.url, { path: '/api/chat/message', headers, body: { session_id, message } });
}

async function defaultPersona(): Promise<string> {
  const { data } = (await (await call('GET', '/api/personas')).json()) as {
    data: { id: string; is_default: boolean }[];
  };
  return data.find((persona) => persona.is_default)?.id ?? '';
}

async function publish(id: string, systemPrompt: string): Promise<void> {
  expect((await call('PATCH', `/api/personas/${id}`, { systemPrompt })).status).toBe(200);
  expect((await call('POST', `/api/personas/${id}/publish`, { changelog: 'Another word' })).status).toBe(201);
}

test('a conversation stays on the version it began with, however often another one is published (N6, G3)', async () => {
  const id = await defaultPersona();
  const first = await say('pinned', 'mark:first');
  expect(first.body['persona']).toEqual({ id, version: 1 });
  for (let n = 1; n <= PUBLICATIONS; n += 1) {
    await publish(id, `Words number ${n}`);
    if (n % 25 === 0) expect((await say('pinned', `mark:turn-${n}`)).body['persona']).toEqual({ id, version: 1 });
  }
  const later = await say('fresh', 'mark:fresh');
  expect(later.body['persona']).toEqual({ id, version: 1 + PUBLICATIONS });

  const { rows } = await product.knex.raw<{ rows: { session_id: string; versions: number; receipts: number }[] }>(
    `select turn_receipt.session_id, count(distinct turn_receipt.record::jsonb ->> 'content_hash')::integer as versions,
       count(*)::integer as receipts
     from turn_receipt group by turn_receipt.session_id order by receipts desc`,
  );
  expect(rows.map(({ versions, receipts }) => [receipts, versions])).toEqual([
    [5, 1],
    [1, 1],
  ]);
});

test('a persona is heard once it is published, and conversations that began under it outlive it', async () => {
  const made = await call('POST', '/api/personas', { name: 'Ada', systemPrompt: 'You speak for the mill.' });
  const { id } = (await made.json()) as { id: string };
  const unpublished = await call('POST', '/api/chat/session', { session_id: 'too-early', persona_id: id });
  expect(unpublished.status).toBe(404);
  await call('POST', `/api/personas/${id}/publish`, { changelog: 'First words' });
  const opened = await call('POST', '/api/chat/session', { session_id: 'of-ada', persona_id: id });
  expect(opened.status).toBe(201);
  expect((await call('DELETE', `/api/personas/${id}`)).status).toBe(204);
  // Archived meanwhile: this conversation goes on, no other begins.
  expect((await say('of-ada', 'mark:ada')).body).toMatchObject({ outcome: 'answered', persona: { id, version: 1 } });
  expect((await call('POST', '/api/chat/session', { session_id: 'too-late', persona_id: id })).status).toBe(404);
});
