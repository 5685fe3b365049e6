import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid, type TurnId } from '#domain/ids.ts';
import type { TurnAnswer, TurnRef } from '#domain/turn.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';
import { systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import { createLogger } from '#platform/logger.ts';
import { newId } from '#platform/new-id.ts';

import { buildWebhookTenant, type WebhookTenant } from '../../test/fixtures/webhook-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createAnswers } from './answers.ts';

const logger = createLogger({ level: 'silent' });
const LONG = { waitMs: 20_000 };
let database: FreshDatabase;
let tenant: WebhookTenant;

beforeAll(async () => {
  database = await freshDatabase();
  tenant = await buildWebhookTenant(database.knex);
});
afterAll(() => database.drop());

async function openTurn(): Promise<TurnRef> {
  const sessionId = await tenant.addSession();
  const turnId = newId('trn');
  await database.knex.raw(
    `insert into turn (tenant_id, id, session_id, message_seq, accepted_at) values (?, ?, ?, 1, ?)`,
    [tenant.tenantId, toUuid(turnId), toUuid(sessionId), systemClock.now()],
  );
  return { tenantId: tenant.tenantId, turnId };
}

async function closeTurn(turnId: TurnId): Promise<void> {
  await database.knex.raw(`update turn set state = 'closed', outcome = 'failed', closed_at = now() where id = ?`, [
    toUuid(turnId),
  ]);
}

async function answerOf(turn: TurnRef): Promise<TurnAnswer> {
  await closeTurn(turn.turnId);
  const answer = await readTurnAnswer(database.knex, turn);
  if (answer === null) throw new Error('the turn is still open');
  return answer;
}

function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return Promise.race([promise, Promise.resolve(pending)]).then((first) => first === pending);
}

describe('waiting for an answer', () => {
  it('everybody who waits for a turn gets its answer at once when this process made it', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    const waiting = [answers.of(turn, LONG), answers.of(turn, LONG)];
    const answer = await answerOf(turn);
    expect(answers.deliver(answer)).toBe(true);
    expect(await Promise.all(waiting)).toEqual([answer, answer]);
    expect(answers.deliver(answer)).toBe(false);
  });

  it('another turn’s answer wakes nobody', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const [mine, other] = [await openTurn(), await openTurn()];
    const waiting = answers.of(mine, LONG);
    expect(answers.deliver(await answerOf(other))).toBe(false);
    expect(await isPending(waiting)).toBe(true);
    answers.release();
  });

  it('a doorbell from another process has the row read', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    const waiting = answers.of(turn, LONG);
    answers.hear(turn.turnId);
    answers.hear('no id of ours');
    answers.hear(newId('trn'));
    expect(await isPending(waiting)).toBe(true);
    await closeTurn(turn.turnId);
    answers.hear(turn.turnId);
    expect(await waiting).toMatchObject({ turnId: turn.turnId, outcome: 'failed', reply: null });
  });

  it('without any doorbell the answer is found all the same', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    const waiting = answers.of(turn, LONG);
    await closeTurn(turn.turnId);
    expect(await waiting).toMatchObject({ turnId: turn.turnId });
  });

  it('a second of waiting is one statement, however many wait', async () => {
    const { knex } = database;
    const answers = createAnswers({ knex, logger });
    const turns = [await openTurn(), await openTurn(), await openTurn()];
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }): void => void statements.push(sql);
    knex.on('query', note);
    const waiting = turns.map((turn) => answers.of(turn, LONG));
    await expect.poll(() => statements, { timeout: 10_000 }).toEqual([expect.stringContaining('unnest')]);
    knex.off('query', note);
    answers.release();
    expect(await Promise.all(waiting)).toEqual([null, null, null]);
  });

  it('whoever has waited long enough is told to come again', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    expect(await answers.of(turn, { waitMs: 20 })).toBeNull();
    expect(answers.deliver(await answerOf(turn))).toBe(false);
  });

  it('a database that is away costs the wait, not the process', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const knex = openDatabase({ url, applicationName: 'bob-test', poolMax: 1 });
    const answers = createAnswers({ knex, logger });
    const turn = { tenantId: tenant.tenantId, turnId: newId('trn') };
    const waiting = answers.of(turn, { waitMs: 300 });
    answers.hear(turn.turnId);
    expect(await waiting).toBeNull();
    await knex.destroy();
  });
});

describe('the memory of waiting is bounded', () => {
  it('one more than 5,000 does not wait, and a place that is given back is taken again', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    const waiting = Array.from({ length: 5000 }, () => answers.of(turn, LONG));
    expect(await answers.of(turn, LONG)).toBeNull();
    const answer = await answerOf(turn);
    answers.deliver(answer);
    expect(await Promise.all(waiting)).toHaveLength(5000);
    const again = answers.of(turn, LONG);
    answers.deliver(answer);
    expect(await again).toEqual(answer);
  });

  it('a process that stops sends everybody away, and whoever comes later too', async () => {
    const answers = createAnswers({ knex: database.knex, logger });
    const turn = await openTurn();
    const waiting = [answers.of(turn, LONG), answers.of(await openTurn(), LONG)];
    answers.release();
    expect(await Promise.all(waiting)).toEqual([null, null]);
    expect(await answers.of(turn, LONG)).toBeNull();
  });
});
