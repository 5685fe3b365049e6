import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { EndedTurn } from '#domain/ended-turn.ts';
import { toUuid, type MessageId } from '#domain/ids.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import { newId } from '#platform/new-id.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { callOf, composedEnd } from '../../test/fixtures/composed-end.ts';
import { turnRecord } from '../../test/fixtures/turn-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { createCreditLedger, type CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { readTurnAnswer } from '../read/turn-answer.ts';
import { recordTurn } from './record-turn.ts';
import { releaseText } from './release-text.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let ledger: CreditLedger;
let tenant: ChattingTenant;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  ledger = createCreditLedger({ knex });
  tenant = await buildChattingTenant(knex, 'ends');
});
afterAll(() => database.drop());

let said = 0;

/** A claimed turn with its hold, of a session of its own. */
async function openPaid({ streams = false } = {}): Promise<OpenedTurn> {
  said += 1;
  const { turnId } = await tenant.say(`message ${said}`, null, `visitor ${said}`);
  await knex.raw('update turn set streams = ? where id = ?', [streams, toUuid(turnId)]);
  const claim = { lease: crypto.randomUUID(), at: CHATTING_AT };
  const opened = await openTurn(knex, { tenantId: tenant.tenantId, turnId }, claim);
  if (opened === null) throw new Error('the turn was not claimed');
  const want = { pricebookVersion: null, wantMillicredits: 900n, minMillicredits: 1n, at: CHATTING_AT, ttlMs: 60_000 };
  const held = await ledger.reserve({ ...want, tenantId: tenant.tenantId, turnId, requestHash: opened.bodyHash });
  expect(held.state).toBe('held');
  return opened;
}

/** By another process: the lease is over. */
async function claimAgain(opened: OpenedTurn): Promise<OpenedTurn> {
  await knex.raw('update turn set lease_until = null where id = ?', [toUuid(opened.turnId)]);
  const again = await openTurn(knex, opened, { lease: crypto.randomUUID(), at: CHATTING_AT });
  if (again === null) throw new Error('the turn was not claimed again');
  return again;
}

async function show(opened: OpenedTurn, ...pieces: string[]): Promise<void> {
  const { tenantId, turnId, attempt } = opened;
  for (const [index, text] of pieces.entries()) {
    expect(await releaseText(knex, { tenantId, turnId, attempt, seq: index + 1, text }, opened)).toBe(true);
  }
}

async function end(opened: OpenedTurn, change: Partial<EndedTurn> = {}): Promise<TurnAnswer> {
  const composed = composedEnd(opened, { mayBeCovered: true, ...change });
  const recorded = await recordTurn({ knex, ledger }, composed, { now: CHATTING_AT });
  if (recorded.kind !== 'recorded') throw new Error('the turn was not ended by this try');
  const { answer } = recorded;
  // Whoever asks later is told the same as whoever waited.
  expect(await readTurnAnswer(knex, opened)).toMatchObject({
    outcome: answer.outcome,
    reply: answer.reply,
    coveredBy: answer.coveredBy,
    discloses: answer.discloses,
    chargedMillicredits: answer.chargedMillicredits,
  });
  return answer;
}

const stop = (opened: OpenedTurn) =>
  knex.raw('update turn set stop_at = ? where id = ?', [CHATTING_AT, toUuid(opened.turnId)]);

async function releasedBy({ turnId }: OpenedTurn): Promise<(number | undefined)[]> {
  const { rows } = await knex.raw<{ rows: { llm: { released_chars?: number }[] }[] }>(
    `select record::jsonb -> 'llm' as llm from turn_receipt where turn_id = ?`,
    [toUuid(turnId)],
  );
  return (rows[0]?.llm ?? []).map((call) => call.released_chars);
}

async function isCut(id: MessageId | undefined): Promise<boolean> {
  const row = await knex('message')
    .where({ id: toUuid(id ?? 'msg_') })
    .first<{ cut: boolean }>('cut');
  return row.cut;
}

describe('a stopped turn', () => {
  test('keeps what was shown, marked as cut, and pays for it', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three ', 'us');
    await stop(opened);
    const answer = await end(opened, { text: null, shown: 'Three us' });
    expect(answer).toMatchObject({ outcome: 'answered', reply: { text: 'Three us' } });
    expect(answer.chargedMillicredits).toBeGreaterThan(0n);
    expect(await isCut(answer.reply?.messageId)).toBe(true);
    expect(await turnRecord(knex, opened.turnId)).toMatchObject({ holds: ['settled'], calls: ['delivered'] });
  });

  test('keeps no more than was shown, even where the answer was complete when the stop was read', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three ');
    await stop(opened);
    expect((await end(opened, { shown: 'Three ' })).reply?.text).toBe('Three ');
  });

  test('keeps what the screen shows: the words of its newest try that showed any', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three');
    const second = await claimAgain(opened);
    await show(second, 'Up ', 'to');
    const third = await claimAgain(second);
    await stop(third);
    const calls = [opened, second].map((each) => ({ ...callOf(each), waived: 'provider_error' as const }));
    expect((await end(third, { text: null, calls })).reply?.text).toBe('Up to');
    // The receipt tells of each try what of it was seen.
    expect(await releasedBy(third)).toEqual([5, 5]);
  });

  test('that was shown to its end is whole', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three users.');
    await stop(opened);
    const answer = await end(opened, { shown: 'Three users.' });
    expect([answer.reply?.text, await isCut(answer.reply?.messageId)]).toEqual(['Three users.', false]);
  });

  test('of which nobody saw a word says nothing and costs nothing', async () => {
    const opened = await openPaid();
    await stop(opened);
    expect(await end(opened)).toMatchObject({ outcome: 'answered', reply: null, chargedMillicredits: 0n });
    expect(await turnRecord(knex, opened.turnId)).toMatchObject({ holds: ['released'], calls: ['withheld'] });
  });

  test('keeps the words of a try that died, at no charge', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three');
    await stop(opened);
    const answer = await end(opened, { text: null, calls: [] });
    expect(answer).toMatchObject({ reply: { text: 'Three' }, chargedMillicredits: 0n });
  });
});

describe('a turn that a person took over', () => {
  test('has the words the takeover kept as its reply, and costs nothing', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three');
    const kept = await takeOver(opened, 'Three');
    const answer = await end(opened, { shown: 'Three' });
    expect(answer).toMatchObject({
      outcome: 'suppressed_by_human',
      reply: { messageId: kept, seq: 2, text: 'Three' },
      owner: 'human',
      chargedMillicredits: 0n,
    });
    const record = await turnRecord(knex, opened.turnId);
    expect(record).toMatchObject({ holds: ['released'], calls: ['withheld'], replies: 1, events: ['turn.completed'] });
  });

  test('of which nothing was shown has none', async () => {
    const opened = await openPaid();
    await takeOver(opened, null);
    expect(await end(opened)).toMatchObject({ outcome: 'suppressed_by_human', reply: null });
  });

  test('is not answered twice where Bob was given back the session before its next try', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three');
    await takeOver(opened, 'Three');
    await knex.raw(`update chat_session set owner = 'ai', owner_epoch = owner_epoch + 1 where id = ?`, [
      toUuid(opened.sessionId),
    ]);
    const again = await claimAgain(opened);
    expect(again).toMatchObject({ owner: 'ai', attempt: 2, wasTakenOver: true });
    // Whatever this try, or the apology of none, has composed.
    const answer = await end(again, { attempt: null, outcome: 'failed', text: 'Sorry.', calls: [] });
    expect(answer).toMatchObject({ outcome: 'suppressed_by_human', reply: { text: 'Three' } });
    expect(await turnRecord(knex, opened.turnId)).toMatchObject({ replies: 1 });
  });
});

async function takeOver(opened: OpenedTurn, words: string | null): Promise<MessageId> {
  const id = newId('msg');
  const at = CHATTING_AT;
  const [turnId, sessionId] = [toUuid(opened.turnId), toUuid(opened.sessionId)];
  if (words !== null) {
    const message = { tenant_id: tenant.tenantId, session_id: sessionId, seq: 2, id: toUuid(id), author: 'ai' };
    await knex('message').insert({ ...message, text: words, cut: true, turn_id: turnId, created_at: at });
    await knex.raw('update chat_session set next_seq = 3 where id = ?', [sessionId]);
  }
  await knex.raw(
    `update chat_session set owner = 'human', owner_epoch = owner_epoch + 1, owner_since = ? where id = ?`,
    [at, sessionId],
  );
  return id;
}

describe('a turn behind which the visitor wrote on', () => {
  const sayMore = (opened: OpenedTurn, text: string) => tenant.say(text, opened.sessionId);

  test('is covered by the newest one, says nothing and costs nothing', async () => {
    const opened = await openPaid();
    await sayMore(opened, `more ${said}`);
    const newest = await sayMore(opened, `and more ${said}`);
    const answer = await end(opened);
    expect(answer).toMatchObject({
      outcome: 'superseded',
      coveredBy: newest.turnId,
      reply: null,
      chargedMillicredits: 0n,
    });
    expect(await turnRecord(knex, opened.turnId)).toMatchObject({ holds: ['released'], calls: ['superseded'] });
  });

  test('is answered all the same once some of it was shown', async () => {
    const opened = await openPaid({ streams: true });
    await show(opened, 'Three');
    await sayMore(opened, `later ${said}`);
    expect(await end(opened, { mayBeCovered: false })).toMatchObject({ outcome: 'answered', coveredBy: null });
  });

  test('a stop goes first: whoever stopped it does not want its words', async () => {
    const opened = await openPaid();
    await sayMore(opened, `stopped ${said}`);
    await stop(opened);
    expect(await end(opened)).toMatchObject({ outcome: 'answered', reply: null, coveredBy: null });
  });
});

test('the first words of Bob after a hand-back are told apart, the next ones are not', async () => {
  const first = await openPaid();
  await end(first);
  const session = toUuid(first.sessionId);
  const row = { tenant_id: tenant.tenantId, session_id: session, id: crypto.randomUUID(), created_at: CHATTING_AT };
  await knex('message').insert({ ...row, seq: 3, author: 'system', kind: 'handback', text: 'Ann helped.' });
  await knex.raw('update chat_session set next_seq = 4, owner_epoch = 2 where id = ?', [session]);
  for (const discloses of [true, false]) {
    const { turnId } = await tenant.say(`once more ${discloses}`, first.sessionId);
    const claim = { lease: crypto.randomUUID(), at: CHATTING_AT };
    const next = await openTurn(knex, { tenantId: tenant.tenantId, turnId }, claim);
    if (next === null) throw new Error('the turn was not claimed');
    expect(await end(next, { calls: [], outcome: 'refused' })).toMatchObject({ outcome: 'refused', discloses });
  }
});
