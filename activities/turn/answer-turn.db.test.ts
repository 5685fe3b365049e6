import type { Knex } from 'knex';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { toUuid } from '#domain/ids.ts';
import type { ReplyChunk, TurnAnswer } from '#domain/turn.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import { openTurn, type OpenedTurn } from '#models/open-turn.ts';
import { readShownText } from '#models/shown-text.ts';
import { fixedClock } from '#platform/clock.ts';
import { openLlm } from '#platform/llm.ts';
import { LlmFailure } from '#platform/llm-failure.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { turnRecord } from '../../test/fixtures/turn-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { answerTurn } from './answer-turn.ts';
import { holdCredits } from './hold-credits.ts';
import { createStopBoard } from './stop-board.ts';
import type { TurnDeps } from './turn-deps.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let stub: StubModel;
let tenant: ChattingTenant;
beforeAll(async () => {
  database = await freshDatabase({ keep: false });
  knex = database.knex;
  stub = await startStubModel();
  tenant = await buildChattingTenant(knex, 'answers');
});
beforeEach(() => stub.reset());
afterAll(async () => {
  await stub.stop();
  await database.drop();
});

interface Scene {
  opened: OpenedTurn;
  deps: TurnDeps;
  chunks: ReplyChunk[];
  /** Lets the model speak, to the turn's end. */
  answer(): Promise<TurnAnswer>;
  ring(): void;
  shown(): string;
}

let said = 0;

/** A claimed turn, whose model says its first words after `firstMs` and one more each `perTokenMs`. */
async function sceneOf(model: string, { streams = true, message = 'mark:one' } = {}): Promise<Scene> {
  said += 1;
  const visitor = `visitor ${said}`;
  const { turnId } = await tenant.say(`${message} ${said}`, null, visitor);
  await knex.raw('update turn set streams = ? where id = ?', [streams, toUuid(turnId)]);
  const chunks: ReplyChunk[] = [];
  const answers: TurnAnswer[] = [];
  const stopBoard = createStopBoard();
  const deps: TurnDeps = {
    knex,
    stream: knex,
    ledger: createCreditLedger({ knex }),
    llm: openLlm({ baseUrl: stub.url }),
    model: { sku: 'model:bob/bob-offline', name: model },
    clock: fixedClock(CHATTING_AT),
    logger: pino({ level: 'silent' }),
    leaseToken: crypto.randomUUID(),
    stopBoard,
    aside: (wait) => wait(),
    announce: (answer) => answers.push(answer),
    showText: (chunk) => chunks.push(chunk),
  };
  const claim = { lease: deps.leaseToken, at: CHATTING_AT };
  const opened = await openTurn(knex, { tenantId: tenant.tenantId, turnId }, claim);
  if (opened === null) throw new Error('the turn was not claimed');
  return {
    opened,
    deps,
    chunks,
    async answer() {
      const paid = await holdCredits(deps, opened, []);
      if (paid === null) throw new Error('the turn was not paid');
      await answerTurn(deps, paid, new AbortController().signal);
      const [answer] = answers;
      if (answer === undefined) throw new Error('nothing was announced');
      return answer;
    },
    ring: () => stopBoard.ring(opened.sessionId),
    shown: () => chunks.map(({ text }) => text).join(''),
  };
}

const patience = { timeout: 10_000, interval: 10 };

/** The running call is broken off, and no other one follows. */
async function expectAborted(): Promise<void> {
  await vi.waitFor(() => expect(stub.stats()).toMatchObject({ calls: 1, runningCalls: 0, abortedCalls: 1 }), patience);
}

test('the pieces of an answer, joined, are its reply; they are numbered without a gap', async () => {
  const scene = await sceneOf('stub-20-10-60');
  const answer = await scene.answer();
  expect(scene.shown()).toBe(answer.reply?.text);
  expect(scene.shown()).toMatch(/^seen:1 mark:one( ok){58}$/);
  expect(scene.chunks.map(({ seq }) => seq)).toEqual(scene.chunks.map((_, index) => index + 1));
  // Some every 50 ms, not one for each word.
  expect(scene.chunks.length).toBeGreaterThan(1);
  expect(scene.chunks.length).toBeLessThan(40);
  const { rows } = await knex.raw<{ rows: { record: string }[] }>('select record from turn_receipt where turn_id = ?', [
    toUuid(scene.opened.turnId),
  ]);
  expect(rows[0]?.record).toContain(`"released_chars":${scene.shown().length}`);
});

test('for a caller who waits for the whole answer nothing is stored before it', async () => {
  const scene = await sceneOf('stub-0-0-20', { streams: false });
  expect((await scene.answer()).outcome).toBe('answered');
  expect(scene.chunks).toEqual([]);
});

test('a stop in the middle ends the call to the model, keeps what was shown, and charges what was used', async () => {
  const scene = await sceneOf('stub-0-20-400');
  const answering = scene.answer();
  await vi.waitFor(() => expect(scene.chunks.length).toBeGreaterThan(2), patience);
  await knex.raw('update turn set stop_at = now() where id = ?', [toUuid(scene.opened.turnId)]);
  scene.ring();
  await expectAborted();
  const answer = await answering;
  expect([answer.outcome, answer.reply?.text]).toEqual(['answered', scene.shown()]);
  const record = await turnRecord(knex, scene.opened.turnId);
  expect(record).toMatchObject({
    holds: ['settled'],
    calls: ['delivered'],
    lines: [
      { kind: 'llm', estimated: true, waived: null },
      { kind: 'minimum', estimated: false },
    ],
  });
  expect(record.chargedMillicredits).toBeGreaterThan(0);
});

test('a stop before the first word ends the call as well, at no charge', async () => {
  const scene = await sceneOf('stub-20000-0-5');
  const answering = scene.answer();
  await vi.waitFor(() => expect(stub.stats().runningCalls).toBe(1), patience);
  await knex.raw('update turn set stop_at = now() where id = ?', [toUuid(scene.opened.turnId)]);
  scene.ring();
  await expectAborted();
  expect(await answering).toMatchObject({ outcome: 'answered', reply: null, chargedMillicredits: 0n });
});

test('a stop whose ring is lost is seen by the next renewal of the lease', async () => {
  const scene = await sceneOf('stub-20000-0-5', { streams: false });
  const answering = scene.answer();
  await vi.waitFor(() => expect(stub.stats().runningCalls).toBe(1), patience);
  await knex.raw('update turn set stop_at = now() where id = ?', [toUuid(scene.opened.turnId)]);
  await expectAborted();
  expect((await answering).outcome).toBe('answered');
});

test('a takeover in the middle is noticed by the next piece of text, without any ring', async () => {
  const scene = await sceneOf('stub-0-20-400');
  const answering = scene.answer();
  await vi.waitFor(() => expect(scene.chunks.length).toBeGreaterThan(2), patience);
  await takeOver(scene);
  const shown = await readShownText(knex, scene.opened);
  await expectAborted();
  expect(await answering).toMatchObject({ outcome: 'suppressed_by_human', reply: null, chargedMillicredits: 0n });
  expect(scene.shown()).toBe(shown);
});

function takeOver({ opened }: Scene): Promise<unknown> {
  return knex.raw(
    `update chat_session set owner = 'human', owner_epoch = owner_epoch + 1, owner_since = now() where id = ?`,
    [toUuid(opened.sessionId)],
  );
}

test('a message behind it ends the call while nothing was shown, and answers for both', async () => {
  const scene = await sceneOf('stub-20000-0-5');
  const answering = scene.answer();
  await vi.waitFor(() => expect(stub.stats().runningCalls).toBe(1), patience);
  const later = await tenant.say(`and more ${said}`, scene.opened.sessionId);
  scene.ring();
  await expectAborted();
  expect(await answering).toMatchObject({ outcome: 'superseded', coveredBy: later.turnId, reply: null });
  expect(await turnRecord(knex, scene.opened.turnId)).toMatchObject({ holds: ['released'], calls: ['superseded'] });
});

test('a message behind it waits once words were shown', async () => {
  const scene = await sceneOf('stub-0-20-40');
  const answering = scene.answer();
  await vi.waitFor(() => expect(scene.chunks.length).toBeGreaterThan(0), patience);
  await tenant.say(`and more ${said}`, scene.opened.sessionId);
  scene.ring();
  expect(await answering).toMatchObject({ outcome: 'answered', coveredBy: null });
  expect(stub.stats()).toMatchObject({ calls: 1, abortedCalls: 0 });
});

test('a ring of just before the turn began to watch is not lost', async () => {
  const scene = await sceneOf('stub-20000-0-5');
  await knex.raw('update turn set stop_at = now() where id = ?', [toUuid(scene.opened.turnId)]);
  scene.ring();
  expect((await scene.answer()).outcome).toBe('answered');
});

test('of two tries at once the newer answers; what the other spent is on record, and charged to nobody', async () => {
  const scene = await sceneOf('stub-0-0-8', { streams: false });
  const { deps, opened } = scene;
  const asleep = await holdCredits(deps, opened, []);
  await knex.raw('update turn set lease_until = null where id = ?', [toUuid(opened.turnId)]);
  const other = { ...deps, leaseToken: crypto.randomUUID() };
  const again = await openTurn(knex, opened, { lease: other.leaseToken, at: CHATTING_AT });
  const awake = again === null ? null : await holdCredits(other, again, []);
  if (asleep === null || awake === null) throw new Error('the turn was not paid');
  const { signal } = new AbortController();
  expect(await answerTurn(deps, asleep, signal)).toBe('overtaken');
  expect(await answerTurn(other, awake, signal)).toEqual({ outcome: 'answered' });
  expect(await turnRecord(knex, opened.turnId)).toMatchObject({
    holds: ['settled'],
    calls: ['lost_attempt', 'delivered'],
    replies: 1,
  });
});

test('a call that is broken off because a newer try has the turn is on record as well', async () => {
  const scene = await sceneOf('stub-20000-0-5', { streams: false });
  const answering = scene.answer();
  await vi.waitFor(() => expect(stub.stats().runningCalls).toBe(1), patience);
  await knex.raw('update turn set tries = tries + 1 where id = ?', [toUuid(scene.opened.turnId)]);
  scene.ring();
  await expect(answering).rejects.toMatchObject({ slug: 'model-aborted' });
  await expectAborted();
  expect(await turnRecord(knex, scene.opened.turnId)).toMatchObject({ state: 'open', calls: ['lost_attempt'] });
});

test('a stop ends the pause that a provider asks for: the next try begins at once, and ends the turn', async () => {
  const scene = await sceneOf('stub-0-0-5', { streams: false });
  const refused = new LlmFailure('model-rate-limited', { retryAfterMs: 25_000 });
  scene.deps.llm = { ...scene.deps.llm, answer: () => Promise.reject(refused) };
  const answering = scene.answer();
  const failed = expect(answering).rejects.toMatchObject({ type: 'model-rate-limited', nextRetryDelay: 1 });
  const { turnId, sessionId } = scene.opened;
  await vi.waitFor(async () => expect((await turnRecord(knex, turnId)).calls).toEqual(['provider_error']), patience);
  await knex.raw('update turn set stop_at = now() where id = ?', [toUuid(turnId)]);
  scene.ring();
  await failed;
  const again = await openTurn(knex, scene.opened, { lease: scene.deps.leaseToken, at: CHATTING_AT });
  expect(again).toMatchObject({ sessionId, attempt: 2, isStopped: true });
});

test('a try that breaks after its first words is told apart from the next one by its number', async () => {
  const scene = await sceneOf('stub-0-20-20', { message: 'mark:cut !!cutx1' });
  await expect(scene.answer()).rejects.toMatchObject({ type: 'model-cut' });
  expect(scene.shown()).toContain('mark:cut');
  const again = await openTurn(knex, scene.opened, { lease: scene.deps.leaseToken, at: CHATTING_AT });
  const paid = again === null ? null : await holdCredits(scene.deps, again, []);
  if (paid === null) throw new Error('the turn was not paid');
  scene.chunks.splice(0);
  await answerTurn(scene.deps, paid, new AbortController().signal);
  expect(new Set(scene.chunks.map(({ attempt }) => attempt))).toEqual(new Set([2]));
  expect(scene.chunks[0]?.seq).toBe(1);
  const reply = await knex('message')
    .where({ turn_id: toUuid(scene.opened.turnId), author: 'ai' })
    .first('text');
  expect(reply).toEqual({ text: scene.shown() });
});
