import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { TenantId } from '#domain/ids.ts';
import { addSource } from '#models/commands/add-source.ts';
import { systemClock } from '#platform/clock.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { callChat, type ChatReply, logIn } from '../fixtures/chat-caller.ts';
import { publishPersona } from '../fixtures/publish-persona.ts';
import { ACCOUNTS, prepareProduct } from '../fixtures/running-product.ts';
import { countOf, turnRecord } from '../fixtures/turn-record.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';

/** Each says where it was planted; none may turn up where it does not belong. */
const MARKERS = {
  message: 'Zmessage9f3',
  lineOfStack: 'Zatline9f3',
  sessionId: 'Zsession9f3',
  key: 'Zkey9f3',
  prompt: 'Zprompt9f3',
  source: 'Zsource9f3',
  brokenBody: 'Zbroken9f3',
  unstorable: 'Zunstorable9f3',
  wrongPassword: 'Zpassword9f3',
};
const BUSINESS = 'demo';
const PENDING = { state: 'pending' };

let stub: StubModel;
let parts: Awaited<ReturnType<typeof prepareProduct>>;
let receiver: WebhookReceiver;
let api: BobProcess;
let worker: BobProcess;
let url: string;
const secrets: string[] = [];

beforeAll(async () => {
  stub = await startStubModel();
  receiver = await startWebhookReceiver();
  parts = await prepareProduct({ model: { url: stub.url, name: 'stub-0-0-8' }, env: { LOG_LEVEL: 'trace' } });
  await plant();
  const variables = Object.fromEntries(
    Object.entries(parts.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  api = startBob('api', variables);
  worker = startBob('worker', variables);
  await Promise.all([api.printed('API: '), worker.printed('Worker: started')]);
  url = /API: (\S+)/.exec(api.output())?.[1] ?? '';
});
afterAll(async () => {
  for (const process of [api, worker]) process.kill('SIGTERM');
  await Promise.all([api.ended, worker.ended]);
  await receiver.close();
  await parts.close();
  await stub.stop();
});

test('a conversation with all its accidents leaves no word in logs, histories and webhooks', async () => {
  const token = await logIn(url, { ...ACCOUNTS.demo, path: '/api/customers/auth/login' });
  secrets.push(token, ACCOUNTS.demo.password);
  const endpoint = { url: receiver.url };
  const headers = { authorization: `Bearer ${token}` };
  const subscribed = await callChat(url, { path: '/api/webhooks/endpoints', body: endpoint, headers });
  secrets.push(String(subscribed.body['secret']));

  await talk();
  await breakOff();

  // It is all there: what the database refused in both processes, and the finest level.
  for (const process of [api, worker]) {
    await expect.poll(() => process.output().includes('message_storable_check')).toBe(true);
  }
  const output = `${api.output()}${worker.output()}`;
  expect(output.includes('"level":20')).toBe(true);
  expectNoneIn(output, 'the log');
  await vi.waitFor(() => expect(typesHeard()).toEqual(expect.arrayContaining(['message.sent', 'turn.failed'])), 20_000);
  await vi.waitFor(async () => expect(await countOf(parts.knex, 'webhook_delivery', PENDING)).toBe(0), 20_000);
  expectNoneIn(JSON.stringify(receiver.requests), 'a webhook');
  const histories = await allHistories();
  // Turns are told of by their ids, so these are the right texts to look in.
  expect(histories.filter((history) => history.includes('trn_')).length).toBeGreaterThan(5);
  for (const history of histories) expectNoneIn(history, 'a history');
});

/** Answers, apologies and refusals of every kind. */
async function talk(): Promise<void> {
  for (const fault of ['', '!!malformed', '!!500', '!!empty', '!!obey', '!!cut']) {
    const answer = await say(`Tell me about ${MARKERS.source}: mark:${MARKERS.message} ${fault}`);
    expect([answer.status, answer.body.reply]).toEqual([200, expect.any(String)]);
    secrets.push(String(answer.body.session_token));
  }
  const body = { session_id: MARKERS.sessionId, message: `mark:${MARKERS.message}`, business_id: BUSINESS };
  // The same first message many times at once: unique violations, with the row in the driver's error.
  await Promise.all(
    Array.from({ length: 8 }, () => callChat(url, { body, headers: { 'idempotency-key': MARKERS.key } })),
  );
  expect((await callChat(url, { body })).status).toBe(409);
  expect((await callChat(url, { body: `{"message": "${MARKERS.brokenBody}` })).status).toBe(400);
  expect((await callChat(url, { body: { ...body, [MARKERS.brokenBody]: MARKERS.brokenBody } })).status).toBe(422);
  const account = { email: ACCOUNTS.demo.email, password: MARKERS.wrongPassword };
  expect((await callChat(url, { path: '/api/customers/auth/login', body: account })).status).toBe(401);
}

/** A database that refuses the words: first those of the visitor, then those of the model. */
async function breakOff(): Promise<void> {
  const { knex } = parts;
  const lines = [
    `Please tell me about your plans and prices, ${MARKERS.unstorable}`,
    // Looks like a line of a stack.
    ` at ${MARKERS.lineOfStack} mark:${MARKERS.unstorable}`,
  ].join('\n');
  const refuse = (author: string) =>
    knex.raw(
      `alter table message add constraint message_storable_check
       check (author <> '${author}' or text not like '%${MARKERS.unstorable}%')`,
    );
  await refuse('visitor');
  expect((await say(lines)).status).toBe(500);
  await knex.raw(`alter table message drop constraint message_storable_check`);

  await refuse('ai');
  const callsBefore = stub.stats().calls;
  const unrecorded = await say(lines);
  await knex.raw(`alter table message drop constraint message_storable_check`);
  // Bought three times, then given up: its failure is what Temporal keeps.
  expect(stub.stats().calls).toBe(callsBefore + 3);
  expect(unrecorded.body).toMatchObject({ outcome: 'failed', reply: expect.stringContaining('Nothing was charged') });
  expect(await turnRecord(knex, unrecorded.body.turn_id ?? '')).toMatchObject({
    problem: 'answer-not-recorded',
    holds: ['released'],
    calls: ['lost_attempt', 'lost_attempt', 'lost_attempt'],
    chargedMillicredits: 0,
  });
}

function say(message: string): Promise<ChatReply> {
  return callChat(url, {
    body: { session_id: `${MARKERS.sessionId}-${randomUUID()}`, message, business_id: BUSINESS },
  });
}

async function plant(): Promise<void> {
  const { knex } = parts;
  await publishPersona(knex, BUSINESS, (snapshot) => ({
    ...snapshot,
    instructions: { systemPrompt: `${snapshot.instructions.systemPrompt} ${MARKERS.prompt}` },
  }));
  const tenant = await knex('tenant').where({ business_id: BUSINESS }).first<{ id: TenantId }>('id');
  const sections = [{ heading: MARKERS.source, body: `All about ${MARKERS.source}.` }];
  const source = { name: MARKERS.source, language: 'en', url: null, sections, at: systemClock.now() };
  await knex.transaction((trx) => addSource(trx, tenant.id, source));
}

async function allHistories(): Promise<string[]> {
  const histories: string[] = [];
  for await (const { workflowId, runId } of parts.temporal.workflow.list()) {
    const history = await parts.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(wordsIn(history));
  }
  return histories;
}

/** Every text of a history, its payloads' bytes included, wherever they stand. */
function wordsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(wordsIn).join('\n');
}

function typesHeard(): string[] {
  return receiver.requests.map(({ body }) => (JSON.parse(body) as { type: string }).type);
}

function expectNoneIn(text: string, place: string): void {
  const found = [...Object.values(MARKERS), ...secrets].filter((marker) => text.includes(marker));
  expect(found, `in ${place}`).toEqual([]);
}
