import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { UNSEEN, type EndedTurn } from '#domain/ended-turn.ts';
import { toId, toUuid, type UserId } from '#domain/ids.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';

import { createSeededRandom } from '../../test/chaos/seeded-random.ts';
import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { recordTurn } from './record-turn.ts';
import { releaseText } from './release-text.ts';
import { takeOver } from './take-over.ts';

const RACES = 200;
const AT_A_TIME = 8;
const PIECES = ['Your ', 'order ', 'is ', 'on ', 'its ', 'way.'];
/** About as long as it takes to release all pieces, so that a takeover hits before, between and after them. */
const LATEST_MS = 15;
const SEED = randomInt(2 ** 31);

let database: FreshDatabase;
let tenant: ChattingTenant;
let agent: UserId;
beforeAll(async () => {
  database = await freshDatabase();
  tenant = await buildChattingTenant(database.knex, 'race');
  const [user] = await database.knex('app_user').where({ tenant_id: tenant.tenantId }).select('id');
  agent = toId('usr', String(user?.id));
});
afterAll(() => database.drop());

function composed(turn: OpenedTurn, text: string, shown: string): EndedTurn {
  return {
    ...UNSEEN,
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    outcome: 'answered',
    text,
    shown,
    citations: [],
    calls: [],
    retrieval: [],
    ownerEpoch: turn.ownerEpoch,
    pricebookVersion: null,
    policyHash: turn.policyHash,
    problem: null,
    modelMs: null,
  };
}

/** As a worker does it: piece by piece while it may, then the whole. Gives what stands on the screen. */
async function answer(turn: OpenedTurn, ledger: ReturnType<typeof createCreditLedger>): Promise<string> {
  const { knex } = database;
  let shown = '';
  for (const [index, text] of turn.streams ? PIECES.entries() : []) {
    const chunk = { tenantId: turn.tenantId, turnId: turn.turnId, attempt: turn.attempt, seq: index + 1, text };
    if (!(await releaseText(knex, chunk, turn))) break;
    shown += text;
  }
  await recordTurn({ knex, ledger }, composed(turn, PIECES.join(''), shown), CHATTING_AT);
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

async function race({ turnId, sessionId }: Said, delayMs: number): Promise<string> {
  const { knex } = database;
  const { tenantId } = tenant;
  const opened = await openTurn(knex, { tenantId, turnId }, { lease: crypto.randomUUID(), at: CHATTING_AT });
  if (opened === null) throw new Error('the turn was not opened');
  const takingOver = sleep(delayMs).then(() =>
    takeOver(knex, { tenantId, sessionId }, { takeover: { by: agent, reason: null }, now: CHATTING_AT }),
  );
  const [shown, taken] = await Promise.all([answer(opened, createCreditLedger({ knex })), takingOver]);
  expect(taken).toMatchObject({ kind: 'set', isChanged: true });

  // The outcome tells which of the two came first.
  const [turn] = await knex('turn')
    .where({ id: toUuid(turnId) })
    .select('state', 'outcome');
  const said = await knex('message')
    .where({ turn_id: toUuid(turnId), author: 'ai' })
    .select('text', 'cut', 'seq');
  const kept = said.map(({ text, cut }) => ({ text: String(text), cut: Boolean(cut) }));
  const whole = [{ text: PIECES.join(''), cut: false }];
  const part = shown === '' ? [] : [{ text: shown, cut: true }];
  const isAnswered = turn?.outcome === 'answered';
  const at = `takeover after ${delayMs} ms, seed ${SEED}`;
  expect({ state: turn?.state, kept }, at).toEqual({ state: 'closed', kept: isAnswered ? whole : part });
  if (isAnswered) return 'answered';
  expect(turn?.outcome, at).toBe('suppressed_by_human');
  return shown === '' ? 'suppressed in silence' : 'suppressed after words';
}

test(`${RACES} races of answer and takeover keep what was shown, and nothing follows (seed ${SEED})`, async () => {
  const random = createSeededRandom(SEED);
  const ends: string[] = [];
  for (let from = 0; from < RACES; from += AT_A_TIME) {
    const said: Said[] = [];
    while (said.length < AT_A_TIME) said.push(await begin(from + said.length));
    ends.push(...(await Promise.all(said.map((each) => race(each, random.between(0, LATEST_MS))))));
  }
  // All three ways to end were tried, or the race proved nothing.
  const kinds = Object.groupBy(ends, (end) => end);
  for (const end of ['answered', 'suppressed in silence', 'suppressed after words']) {
    expect(kinds[end]?.length ?? 0, end).toBeGreaterThan(RACES / 50);
  }
}, 120_000);
