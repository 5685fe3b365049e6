import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid } from '#domain/ids.ts';
import type { ReplyChunk } from '#domain/turn.ts';
import { openDatabase } from '#platform/database.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { composedEnd } from '../../test/fixtures/composed-end.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { createCreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { readShownText } from '../shown-text.ts';
import { recordTurn } from './record-turn.ts';
import { releaseText } from './release-text.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let stream: Knex;
let tenant: ChattingTenant;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  stream = openDatabase({ url: database.url, applicationName: 'stream', poolMax: 3, synchronousCommit: 'off' });
  tenant = await buildChattingTenant(knex, 'stream');
});

afterAll(async () => {
  await stream.destroy();
  await database.drop();
});

let said = 0;

/** A turn of a session of its own that somebody reads along. */
async function openStreamed(): Promise<OpenedTurn> {
  said += 1;
  const { turnId } = await tenant.say(`message ${said}`, null, `visitor ${said}`);
  await knex('turn')
    .where({ id: toUuid(turnId) })
    .update({ streams: true });
  return claim(turnId);
}

async function claim(turnId: OpenedTurn['turnId']): Promise<OpenedTurn> {
  const turn = { tenantId: tenant.tenantId, turnId };
  const opened = await openTurn(knex, turn, { lease: LEASE, at: CHATTING_AT });
  if (opened === null) throw new Error('the turn was not claimed');
  return opened;
}

const LEASE = crypto.randomUUID();

function chunkOf(opened: OpenedTurn, seq: number, text = `piece ${seq} `): ReplyChunk {
  const { tenantId, turnId, attempt } = opened;
  return { tenantId, turnId, attempt, seq, text };
}

test('pieces of the newest try that showed any, in their order, are what was shown', async () => {
  const first = await openStreamed();
  expect(await readShownText(knex, first)).toBe('');
  for (const seq of [1, 2]) expect(await releaseText(stream, chunkOf(first, seq), first)).toBe(true);
  const second = await claim(first.turnId);
  expect([first.attempt, second.attempt, first.wasShown, second.wasShown]).toEqual([1, 2, false, true]);
  expect(await readShownText(knex, second)).toBe('piece 1 piece 2 ');
  expect(await releaseText(stream, chunkOf(second, 1, 'anew'), second)).toBe(true);
  expect(await readShownText(knex, second)).toBe('anew');
});

test('an earlier try that is still alive shows nothing more', async () => {
  const first = await openStreamed();
  await claim(first.turnId);
  expect(await releaseText(stream, chunkOf(first, 1), first)).toBe(false);
});

test.each([
  ['a takeover', 'update chat_session set owner = ?, owner_epoch = owner_epoch + 1 where id = ?', 'human'],
  ['a takeover and a hand-back', 'update chat_session set owner = ?, owner_epoch = owner_epoch + 2 where id = ?', 'ai'],
  ['a close', 'update chat_session set state = ? where id = ?', 'closed'],
  ['a stop', 'update turn set stop_at = ? where session_id = ?', CHATTING_AT],
])('after %s no piece is shown', async (_what, sql, value) => {
  const opened = await openStreamed();
  expect(await releaseText(stream, chunkOf(opened, 1), opened)).toBe(true);
  await knex.raw(sql, [value, toUuid(opened.sessionId)]);
  expect(await releaseText(stream, chunkOf(opened, 2), opened)).toBe(false);
  expect(await readShownText(knex, opened)).toBe('piece 1 ');
});

test('after its end no piece of a turn is shown', async () => {
  const opened = await openStreamed();
  const ended = composedEnd(opened, { outcome: 'refused', text: 'no', calls: [] });
  await recordTurn({ knex, ledger: createCreditLedger({ knex }) }, ended, { now: CHATTING_AT });
  expect(await releaseText(stream, chunkOf(opened, 1), opened)).toBe(false);
});

test('of 400 takeovers in the middle of an answer, none is followed by text that it had not read', async () => {
  const races = Array.from({ length: 400 }, (_, race) => race);
  const opened = await openStreamed();
  for (const race of races) {
    const turn = { ...opened, attempt: race + 10 };
    await knex.raw('update turn set tries = ? where id = ?', [turn.attempt, toUuid(turn.turnId)]);
    // Begun behind each piece in turn; every fourth time the pieces wait for it, so that it surely cuts right there.
    const [point, waits] = [race % (PIECES + 1), Math.floor(race / (PIECES + 1)) % 4 === 0];
    const cutting: Promise<string>[] = [];
    const sent = await sendAll(turn, async (pieces) => {
      if (pieces !== point) return;
      cutting.push(takeOver(turn, race));
      if (waits) await cutting[0];
    });
    const shown = await readAttempt(turn);
    expect(shown, `race ${race}`).toBe(await cutting[0]);
    expect(shown, `race ${race}`).toBe(sent);
    if (waits) expect(sent, `race ${race}`).toBe(PIECE.slice(0, point).join(''));
    await knex.raw(`update chat_session set owner = 'ai', owner_epoch = 0 where id = ?`, [toUuid(turn.sessionId)]);
  }
}, 120_000);

const PIECES = 4;
const PIECE = Array.from({ length: PIECES }, (_, index) => `${index + 1} `);

async function sendAll(turn: OpenedTurn, behind: (pieces: number) => Promise<void>): Promise<string> {
  let sent = '';
  await behind(0);
  for (const [index, piece] of PIECE.entries()) {
    if (await releaseText(stream, chunkOf(turn, index + 1, piece), turn)) sent += piece;
    await behind(index + 1);
  }
  return sent;
}

/** A little later each time, so that every place between two pieces is met. */
function takeOver(turn: OpenedTurn, race: number): Promise<string> {
  return knex.transaction(async (trx) => {
    for (let wait = 0; wait < race % 4; wait += 1) await trx.raw('select 1');
    await trx.raw('select id from chat_session where id = ? for no key update', [toUuid(turn.sessionId)]);
    const cut = await readAttempt(turn, trx);
    await trx.raw(`update chat_session set owner = 'human', owner_epoch = owner_epoch + 1 where id = ?`, [
      toUuid(turn.sessionId),
    ]);
    return cut;
  });
}

async function readAttempt(turn: OpenedTurn, reader: Knex = knex): Promise<string> {
  const { rows } = await reader.raw<{ rows: { shown: string | null }[] }>(
    `select string_agg(text, '' order by seq) as shown from reply_chunk where turn_id = ? and attempt = ?`,
    [toUuid(turn.turnId), turn.attempt],
  );
  return rows[0]?.shown ?? '';
}
