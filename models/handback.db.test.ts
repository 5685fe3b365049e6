import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { EndedTurn } from '#domain/ended-turn.ts';
import { toUuid, type SessionId, type TurnId, type UserId } from '#domain/ids.ts';
import type { TurnAnswer } from '#domain/turn.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../test/fixtures/chatting-tenant.ts';
import { insertColleague } from '../test/fixtures/colleagues.ts';
import { composedEnd } from '../test/fixtures/composed-end.ts';
import { sessionRecord } from '../test/fixtures/session-record.ts';
import { turnRecord } from '../test/fixtures/turn-record.ts';
import { freshDatabase } from '../test/setup/fresh-database.ts';
import { handBack } from './commands/hand-back.ts';
import { recordTurn } from './commands/record-turn.ts';
import { releaseText } from './commands/release-text.ts';
import { replyAsHuman } from './commands/reply-as-human.ts';
import { takeOver } from './commands/take-over.ts';
import { createCreditLedger, type CreditLedger } from './credit-ledger/create-credit-ledger.ts';
import { openTurn, type OpenedTurn } from './open-turn.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let ledger: CreditLedger;
let tenant: ChattingTenant;
let ana: UserId;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  ledger = createCreditLedger({ knex });
  tenant = await buildChattingTenant(knex, 'unfinished');
  ana = await insertColleague(knex, tenant.tenantId, { name: 'Ana' });
});
afterAll(() => database.drop());

/** A conversation whose first message, with a caller who reads along, has been accepted. */
async function begin() {
  count += 1;
  const { sessionId, turnId } = await tenant.say(`question ${count}`, null, `visitor ${count}`);
  await knex.raw('update turn set streams = true where id = ?', [toUuid(turnId)]);
  return { sessionId, turnId };
}

const refOf = (sessionId: SessionId) => ({ tenantId: tenant.tenantId, sessionId });
const take = (sessionId: SessionId) =>
  takeOver(knex, refOf(sessionId), { takeover: { by: ana, reason: null }, now: CHATTING_AT });
const write = (sessionId: SessionId) =>
  replyAsHuman(knex, refOf(sessionId), { reply: { by: ana, text: 'One moment.' }, now: CHATTING_AT });

async function giveBack(sessionId: SessionId): Promise<TurnId | null> {
  const handback = { by: ana, note: null, availableMillicredits: 1n };
  const handed = await handBack(knex, refOf(sessionId), { handback, now: CHATTING_AT });
  if (handed.kind !== 'set') throw new Error(`not handed back: ${handed.kind}`);
  return handed.turnId;
}

/** A try of a process of its own, with its hold: whatever process had the turn before is dead. */
async function claim(turnId: TurnId | null): Promise<OpenedTurn> {
  if (turnId === null) throw new Error('there is no turn');
  await knex.raw('update turn set lease_until = null where id = ?', [toUuid(turnId)]);
  const turn = { tenantId: tenant.tenantId, turnId };
  const opened = await openTurn(knex, turn, { lease: crypto.randomUUID(), at: CHATTING_AT });
  if (opened === null) throw new Error('the turn was not claimed');
  const want = { pricebookVersion: null, wantMillicredits: 900n, minMillicredits: 1n, at: CHATTING_AT, ttlMs: 60_000 };
  await ledger.reserve({ ...want, ...turn, requestHash: opened.bodyHash });
  return opened;
}

/** On the path of signed-in callers: a later message covers nothing by itself. */
async function record(opened: OpenedTurn, change: Partial<EndedTurn> = {}): Promise<TurnAnswer> {
  const composed = composedEnd(opened, { mayBeCovered: false, ...change });
  const recorded = await recordTurn({ knex, ledger }, composed, { now: CHATTING_AT });
  if (recorded.kind !== 'recorded') throw new Error('the turn was not ended by this try');
  return recorded.answer;
}

async function show(opened: OpenedTurn, text: string): Promise<void> {
  const { tenantId, turnId, attempt } = opened;
  expect(await releaseText(knex, { tenantId, turnId, attempt, seq: 1, text }, opened)).toBe(true);
}

const saidIn = async (sessionId: SessionId): Promise<string> => {
  const { said } = await sessionRecord(knex, sessionId);
  return said.map((each) => `${each.split(':')[0]}${each.endsWith(' -') ? ' (cut)' : ''}`).join(', ');
};

describe('a message whose turn has not ended when it is handed back', () => {
  test('is answered once and charged once, by the turn of the hand-back, and its caller is told that one', async () => {
    const { sessionId, turnId } = await begin();
    await take(sessionId);
    const handback = await giveBack(sessionId);
    const own = await claim(turnId);
    expect(own).toMatchObject({ owner: 'ai', wasTakenOver: true });
    expect(await record(own)).toMatchObject({ outcome: 'superseded', coveredBy: handback, chargedMillicredits: 0n });
    const answer = await record(await claim(handback));
    expect(answer).toMatchObject({ outcome: 'answered', reply: { text: 'Three users.' }, discloses: true });
    expect(answer.chargedMillicredits).toBeGreaterThan(0n);
    expect(await saidIn(sessionId)).toBe('visitor, handback, ai');
  });

  test('is so too where a try of before the takeover is still at work', async () => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    await take(sessionId);
    const handback = await giveBack(sessionId);
    expect(await record(own)).toMatchObject({ outcome: 'superseded', coveredBy: handback, reply: null });
    expect(await turnRecord(knex, turnId)).toMatchObject({ holds: ['released'], calls: ['superseded'] });
  });

  test('is not answered again by Bob where the person has answered it', async () => {
    const { sessionId, turnId } = await begin();
    await write(sessionId);
    expect(await giveBack(sessionId)).toBeNull();
    expect(await record(await claim(turnId))).toMatchObject({ outcome: 'suppressed_by_human', reply: null });
    expect(await saidIn(sessionId)).toBe('visitor, human, handback');
  });

  test('nor by an apology, when its time has run out', async () => {
    const { sessionId, turnId } = await begin();
    await write(sessionId);
    await giveBack(sessionId);
    const apology = { attempt: null, outcome: 'failed', text: 'Sorry.', calls: [] } as const;
    expect(await record(await claim(turnId), apology)).toMatchObject({ outcome: 'suppressed_by_human', reply: null });
  });

  test('and again not at the next one: the turn of the newest hand-back answers', async () => {
    const { sessionId, turnId } = await begin();
    await take(sessionId);
    const first = await giveBack(sessionId);
    await take(sessionId);
    const second = await giveBack(sessionId);
    for (const earlier of [turnId, first]) {
      expect(await record(await claim(earlier))).toMatchObject({ outcome: 'superseded', coveredBy: second });
    }
    expect(await record(await claim(second))).toMatchObject({ outcome: 'answered' });
    expect(await saidIn(sessionId)).toBe('visitor, handback, handback, ai');
  });

  test('has the words of its answer kept by the first takeover alone, though a second finds it running', async () => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    await show(own, 'Three');
    await take(sessionId);
    await giveBack(sessionId);
    await take(sessionId);
    expect(await saidIn(sessionId)).toBe('visitor, ai (cut), handback');
    expect(await record(own)).toMatchObject({ outcome: 'suppressed_by_human', reply: { seq: 2, text: 'Three' } });
  });
});

describe('what nobody has answered by the hand-back', () => {
  test('is also a message of whose answer a takeover left half: Bob answers it whole', async () => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    await show(own, 'Three');
    await take(sessionId);
    expect(await record(own)).toMatchObject({ outcome: 'suppressed_by_human', reply: { text: 'Three' } });
    const handback = await claim(await giveBack(sessionId));
    // The half is no part of the conversation that Bob goes on with: it is answered anew.
    expect(handback.message.text).toBe(`question ${count}`);
    expect(handback.history).toEqual([{ role: 'system', text: expect.stringContaining('A person was in charge') }]);
    expect(await record(handback)).toMatchObject({ outcome: 'answered', reply: { text: 'Three users.' } });
    expect(await saidIn(sessionId)).toBe('visitor, ai (cut), handback, ai');
  });

  test('is a message behind which the reply to an earlier one stands', async () => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    const next = await tenant.say(`and this? ${count}`, sessionId);
    await record(own);
    await take(sessionId);
    const turnOfHandback = await giveBack(sessionId);
    await record(await claim(next.turnId));
    const handback = await claim(turnOfHandback);
    expect(handback.message.text).toBe(`and this? ${count}`);
    expect(handback.history.map(({ role }) => role)).toEqual(['user', 'assistant', 'system']);
  });

  test.each([
    ['that Bob has answered whole', { text: 'Three users.' }, false],
    ['that the visitor stopped', { text: null }, true],
    ['that was refused', { outcome: 'refused', text: 'Not in the sources.', calls: [] }, false],
  ] as const)('is no message %s', async (_what, change, isStopped) => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    if (isStopped) await knex.raw('update turn set stop_at = ? where id = ?', [CHATTING_AT, toUuid(turnId)]);
    await record(own, change);
    await take(sessionId);
    expect(await giveBack(sessionId)).toBeNull();
  });

  test('is no message that the person wrote after, not even behind half an answer', async () => {
    const { sessionId, turnId } = await begin();
    const own = await claim(turnId);
    await show(own, 'Three');
    await write(sessionId);
    await record(own);
    expect(await giveBack(sessionId)).toBeNull();
  });
});
