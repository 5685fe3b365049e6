import { afterAll, beforeAll, expect, test } from 'vitest';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { type ChatReply, visitorOf } from '../fixtures/chat-caller.ts';
import { publishPersona } from '../fixtures/publish-persona.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { type TurnRecord, turnRecord } from '../fixtures/turn-record.ts';

/** A silence that only a fault keeps, also on a machine that is slow to carry a word. */
const SILENCE_MAX_MS = 2000;
/** Has a persona with less patience than lies between two words of a dripping model. */
const IMPATIENT = { business: 'office16852-platform', silenceMs: 700 };
const ATTEMPTS = 3;
const APOLOGY = 'Sorry, I could not answer just now. Nothing was charged. Please try again in a moment.';
const APOLOGY_IN_SPANISH =
  'Lo siento, ahora mismo no he podido responder. No se ha cobrado nada. Inténtelo de nuevo en un momento.';

let stub: StubModel;
let product: RunningProduct;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-0-0-8' } });
  const patience = { demo: SILENCE_MAX_MS, [IMPATIENT.business]: IMPATIENT.silenceMs };
  for (const [business, timeoutMs] of Object.entries(patience)) {
    await publishPersona(product.knex, business, (snapshot) => ({
      ...snapshot,
      model: { ...snapshot.model, attempts: ATTEMPTS, timeoutMs },
    }));
  }
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

async function ask(message: string, business = 'demo'): Promise<{ answer: ChatReply; record: TurnRecord }> {
  const answer = await visitorOf(product, business).say(message);
  // Within the time an API waits for an answer: else it would be 202.
  expect(answer.status).toBe(200);
  return { answer, record: await turnRecord(product.knex, answer.body.turn_id ?? '') };
}

test.concurrent.each([
  ['500', 'model-unavailable'],
  ['429', 'model-rate-limited'],
  ['hang', 'model-timeout'],
  ['drip', 'model-timeout', IMPATIENT.business],
  ['cut', 'model-cut'],
  ['early', 'model-cut'],
  ['empty', 'model-empty'],
  ['malformed', 'model-malformed'],
  ['big', 'model-malformed'],
])('a model that always answers with %s costs an apology and no credits', async (fault, problem, business = 'demo') => {
  const { answer, record } = await ask(`What is this? mark:${fault} !!${fault}`, business);
  expect(answer.body).toMatchObject({ outcome: 'failed', reply: APOLOGY, seq: 2, citations: [], owner: 'ai' });
  expect(record).toMatchObject({
    state: 'closed',
    outcome: 'failed',
    problem,
    chargedMillicredits: 0,
    replies: 1,
    receipts: 1,
    holds: ['released'],
    calls: Array.from({ length: ATTEMPTS }, () => 'provider_error'),
    events: ['message.sent', 'turn.failed'],
  });
  expect(record.lines.filter(({ amountMillicredits }) => amountMillicredits !== 0)).toEqual([]);
});

test.concurrent.each(['500', '429', 'hang', 'cut', 'early', 'empty', 'malformed'])(
  'after one %s the model is asked again, and the answer is charged once',
  async (fault) => {
    const { answer, record } = await ask(`What is this? mark:once-${fault} !!${fault}x1`);
    expect(answer.body).toMatchObject({ outcome: 'answered', reply: expect.stringContaining(`mark:once-${fault}`) });
    expect(record).toMatchObject({
      state: 'closed',
      outcome: 'answered',
      problem: null,
      replies: 1,
      receipts: 1,
      holds: ['settled'],
      calls: ['provider_error', 'delivered'],
    });
    const sum = record.lines.reduce((total, { amountMillicredits }) => total + amountMillicredits, 0);
    expect(sum).toBe(record.chargedMillicredits);
    expect(record.lines.filter(({ kind, waived }) => kind === 'llm' && waived === null)).toHaveLength(1);
  },
);

test('a busy model is not asked again before the time it names', async () => {
  const startMs = performance.now();
  await ask('mark:retry-after !!429x1');
  expect(performance.now() - startMs).toBeGreaterThan(1000);
});

test.concurrent.each(['usage-missing', 'usage-negative', 'usage-nan'])(
  'with %s the tokens are counted by us, and the line says so',
  async (fault) => {
    const { answer, record } = await ask(`What is this? mark:${fault} !!${fault}`);
    expect(answer.body).toMatchObject({ outcome: 'answered', reply: expect.stringContaining(`mark:${fault}`) });
    expect(record).toMatchObject({ holds: ['settled'], calls: ['delivered'], replies: 1 });
    expect(record.chargedMillicredits).toBeGreaterThan(0);
    expect(record.lines[0]).toMatchObject({ kind: 'llm', waived: null, estimated: true });
  },
);

test('the apology is in the visitor’s language', async () => {
  const { answer } = await ask('Hola, buenos días, ¿cuánto cuesta el plan profesional cada mes? !!500');
  expect(answer.body).toMatchObject({ outcome: 'failed', reply: APOLOGY_IN_SPANISH });
  expect(answer.body['disclosure']).toMatchObject({ text: expect.stringContaining('asistente de IA') });
});

test('a conversation goes on after an apology', async () => {
  const visitor = visitorOf(product, 'demo');
  expect((await visitor.say('mark:bad !!500')).body).toMatchObject({ outcome: 'failed', seq: 2 });
  expect((await visitor.say('mark:good')).body).toMatchObject({ outcome: 'answered', seq: 4 });
});

test('a model that refuses the connection costs an apology', async () => {
  await stub.stop();
  const { answer, record } = await ask('mark:nobody');
  stub = await startStubModel({ port: Number(new URL(stub.url).port) });
  expect(answer.body).toMatchObject({ outcome: 'failed', reply: APOLOGY });
  expect(record).toMatchObject({
    problem: 'model-unavailable',
    holds: ['released'],
    replies: 1,
    chargedMillicredits: 0,
  });
  expect((await ask('mark:back')).answer.body.outcome).toBe('answered');
});
