import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { toId, toUuid, type UserId } from '#domain/ids.ts';
import { createCreditLedger, type CreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';

import { createSeededRandom } from '../../test/chaos/seeded-random.ts';
import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { composedEnd } from '../../test/fixtures/composed-end.ts';
import { placeHold } from '../../test/fixtures/place-hold.ts';
import { sessionRecord } from '../../test/fixtures/session-record.ts';
import { turnRecord } from '../../test/fixtures/turn-record.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { recordTurn } from './record-turn.ts';
import { releaseText } from './release-text.ts';
import { replyAsHuman } from './reply-as-human.ts';
import { takeOver } from './take-over.ts';

const RACES = 200;
const AT_A_TIME = 8;
const PIECES = ['Your ', 'order ', 'is ', 'on ', 'its ', 'way.'];
/** A takeover begins before the first piece, behind any of them, or behind the record of the whole. */
const POINTS = PIECES.length + 2;
/** Where it is raced, it may come a little late: less than a few statements take. */
const LATEST_MS = 4;
const SEED = randomInt(2 ** 31);

let database: FreshDatabase;
let ledger: CreditLedger;
let tenant: ChattingTenant;
let agent: UserId;
beforeAll(async () => {
  database = await freshDatabase();
  ledger = createCreditLedger({ knex: database.knex });
  tenant = await buildChattingTenant(database.knex, 'race');
  const [user] = await database.knex('app_user').where({ tenant_id: tenant.tenantId }).select('id');
  agent = toId('usr', String(user?.id));
});
afterAll(() => database.drop());

/** Called at each point of an answer, 0 before the first piece. */
type AtPoint = (point: number) => Promise<void>;

/** As a worker does it: piece by piece while it may, then the whole. Gives what stands on the screen. */
async function answer(turn: OpenedTurn, isPaid: boolean, at: AtPoint): Promise<string> {
  const { knex } = database;
  const heldMillicredits = isPaid ? await placeHold(ledger, turn) : 0n;
  let shown = '';
  await at(0);
  for (const [index, text] of turn.streams ? PIECES.entries() : []) {
    const chunk = { tenantId: turn.tenantId, turnId: turn.turnId, attempt: turn.attempt, seq: index + 1, text };
    if (!(await releaseText(knex, chunk, turn))) break;
    shown += text;
    await at(index + 1);
  }
  const paid = isPaid ? { pricebookVersion: 1 } : { calls: [] };
  const composed = composedEnd(turn, { text: PIECES.join(''), shown, ...paid });
  await recordTurn({ knex, ledger }, composed, { now: CHATTING_AT, seen: { facts: turn.facts, heldMillicredits } });
  await at(POINTS - 1);
  return shown;
}

type Said = Awaited<ReturnType<ChattingTenant['say']>>;

/** A conversation of its own, half of them streamed: the next one of this visitor is another. */
async function begin(n: number): Promise<Said> {
  const { knex } = database;
  const said = await tenant.say(`race ${n}`, null);
  await knex('chat_session')
    .where({ id: toUuid(said.sessionId) })
    .update({ client_id_hash: said.sessionId });
  await knex('turn')
    .where({ id: toUuid(said.turnId) })
    .update({ streams: n % 2 === 0 });
  return said;
}

/** A person takes over, every other time by writing at once. */
function stepIn({ sessionId }: Said, writes: boolean): Promise<{ kind: string }> {
  const ref = { tenantId: tenant.tenantId, sessionId };
  if (!writes) return takeOver(database.knex, ref, { takeover: { by: agent, reason: null }, now: CHATTING_AT });
  return replyAsHuman(database.knex, ref, { reply: { by: agent, text: 'Ana here.' }, now: CHATTING_AT });
}

interface Race {
  point: number;
  /** A takeover that is waited for decides the end; one that is raced may come before or after what follows. */
  raced: boolean;
  /** A paid one ends in one statement if nobody steps in, the other one in a transaction. */
  paid: boolean;
  delayMs: number;
  writes: boolean;
}

/** Every point in turn, streamed and not, by taking over and by writing; three of four are raced. */
function raceOf(n: number, delayMs: number): Race {
  const round = Math.floor(n / (4 * POINTS));
  return { point: Math.floor(n / 4) % POINTS, raced: round % 4 > 0, paid: round % 3 > 0, delayMs, writes: n % 4 < 2 };
}

async function race(said: Said, { point, raced, paid, delayMs, writes }: Race): Promise<string> {
  const { knex } = database;
  const turn = { tenantId: tenant.tenantId, turnId: said.turnId };
  const opened = await openTurn(knex, turn, { lease: crypto.randomUUID(), at: CHATTING_AT });
  if (opened === null) throw new Error('the turn was not opened');
  // An answer that writes no pieces has only its beginning and its end.
  const due = opened.streams || point === POINTS - 1 ? point : 0;
  const begun: Promise<{ kind: string }>[] = [];
  const shown = await answer(opened, paid, async (reached) => {
    if (begun.length > 0 || reached < due) return;
    const steppingIn = sleep(raced ? delayMs : 0).then(() => stepIn(said, writes));
    begun.push(steppingIn);
    if (!raced) await steppingIn;
  });
  const [taken] = await Promise.all(begun);
  expect(taken?.kind).toBe(writes ? 'written' : 'set');

  const { outcome } = await turnRecord(knex, said.turnId);
  const record = await sessionRecord(knex, said.sessionId);
  const end = endOf({ outcome, shown, writes });
  const at = `takeover at point ${point}, ${raced ? `raced after ${delayMs} ms` : 'waited for'}, seed ${SEED}`;
  expect({ said: record.said.slice(1), events: record.events.slice(2) }, at).toEqual(end.onRecord);
  return end.name;
}

/** What must stand there, in the numbers of messages and of events: no word of Bob behind the takeover. */
function endOf({ outcome, shown, writes }: { outcome: string | null; shown: string; writes: boolean }) {
  const person = { said: writes ? ['human: Ana here.'] : [], events: writes ? ['message.sent'] : [] };
  const takenOver = ['handoff.taken_over', ...person.events];
  if (outcome === 'answered') {
    const said = [`ai: ${PIECES.join('')}`, ...person.said];
    return { name: 'answered', onRecord: { said, events: ['message.sent', 'turn.completed', ...takenOver] } };
  }
  expect(outcome).toBe('suppressed_by_human');
  const cut = shown === '' ? [] : [`ai: ${shown} -`];
  const told = cut.map(() => 'message.sent');
  const name = shown === '' ? 'suppressed in silence' : 'suppressed after words';
  return { name, onRecord: { said: [...cut, ...person.said], events: [...told, ...takenOver, 'turn.completed'] } };
}

test(`${RACES} races of answer and takeover keep what was shown, and nothing follows (seed ${SEED})`, async () => {
  const random = createSeededRandom(SEED);
  const ends: string[] = [];
  for (let from = 0; from < RACES; from += AT_A_TIME) {
    const said: Said[] = [];
    while (said.length < AT_A_TIME) said.push(await begin(from + said.length));
    const racing = said.map((each, n) => race(each, raceOf(from + n, random.between(0, LATEST_MS))));
    ends.push(...(await Promise.all(racing)));
  }
  // All three ways to end were tried, or the race proved nothing: those that were waited for are sure of theirs.
  expect(new Set(ends)).toEqual(new Set(['answered', 'suppressed in silence', 'suppressed after words']));
}, 120_000);
