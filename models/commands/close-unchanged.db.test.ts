import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toId, toUuid, type UserId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { composedEnd } from '../../test/fixtures/composed-end.ts';
import { placeHold } from '../../test/fixtures/place-hold.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { createCreditLedger, type CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { lapseHolds } from '../credit-ledger/lapse-holds.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { closeUnchanged } from './close-unchanged.ts';
import { handBack } from './hand-back.ts';
import { recordTurn } from './record-turn.ts';
import { takeOver } from './take-over.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let ledger: CreditLedger;
let tenant: ChattingTenant;
let agent: UserId;
let said = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  ledger = createCreditLedger({ knex });
  tenant = await buildChattingTenant(knex, 'unchanged');
  const [user] = await knex('app_user').where({ tenant_id: tenant.tenantId }).select('id');
  agent = toId('usr', String(user?.id));
});
afterAll(() => database.drop());

interface Begun {
  opened: OpenedTurn;
  heldMillicredits: bigint;
}

async function begin(): Promise<Begun> {
  said += 1;
  const { turnId } = await tenant.say('How many users?', null, `visitor ${said}`);
  return goOn(turnId);
}

async function goOn(turnId: OpenedTurn['turnId']): Promise<Begun> {
  const claim = { lease: crypto.randomUUID(), at: CHATTING_AT };
  const opened = await openTurn(knex, { tenantId: tenant.tenantId, turnId }, claim);
  if (opened === null) throw new Error('the turn was not claimed');
  return { opened, heldMillicredits: await placeHold(ledger, opened) };
}

const composed = ({ opened }: Begun) => composedEnd(opened, { pricebookVersion: 1, mayBeCovered: true });
const seenOf = ({ opened: { facts }, heldMillicredits }: Begun) => ({ facts, heldMillicredits });

async function recordBy(way: 'one statement' | 'transaction', begun: Begun) {
  const seen = way === 'transaction' ? null : seenOf(begun);
  return recordTurn({ knex, ledger }, composed(begun), { now: CHATTING_AT, seen });
}

const OF_SESSION = [
  'chat_session',
  'message',
  'turn',
  'turn_receipt',
  'credit_hold',
  'usage_line',
  'ledger_inbox',
  'provider_attempt',
  'webhook_event',
];

/** Every row of the session in every table a turn writes, its own names for what is made new each time. */
async function rowsOf({ opened }: Begun): Promise<string> {
  const tables: Record<string, unknown> = {};
  for (const table of OF_SESSION) {
    const isOfTurn = ['credit_hold', 'ledger_inbox', 'provider_attempt'].includes(table);
    const key = table === 'chat_session' ? 'id' : isOfTurn ? 'turn_id' : 'session_id';
    const { rows } = await knex.raw<{ rows: unknown[] }>(
      `select to_jsonb(t) - '{lease_token,lease_until,mac_key,client_id_hash,no,sealed_at}'::text[]
         ${table === 'ledger_inbox' ? `- 'id'` : ''} as row from ${table} t
       where t.${key} = ? order by to_jsonb(t) ->> 'seq', to_jsonb(t) ->> 'pos'`,
      [toUuid(isOfTurn ? opened.turnId : opened.sessionId)],
    );
    tables[table] = rows;
  }
  return withoutNames(JSON.stringify(tables, null, 1));
}

/** Ids by the order they appear in, hashes of them as one word: what is left must be equal. */
function withoutNames(text: string): string {
  const names = new Map<string, string>();
  const nameOf = (id: string): string => {
    const plain = id.replaceAll('-', '');
    if (!names.has(plain)) names.set(plain, `id ${names.size + 1}`);
    return names.get(plain) ?? '';
  };
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'a hash')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=_)[0-9a-f]{32}/g, nameOf)
    .replaceAll(/visitor \d+/g, 'visitor');
}

test('an unchanged turn is written by one statement as the transaction would write it', async () => {
  const short = await begin();
  expect(
    await closeUnchanged({ knex, ledger }, composed(short), { seen: seenOf(short), at: CHATTING_AT }),
  ).toMatchObject({ reply: { seq: 2, text: 'Three users.' }, charge: { heldMillicredits: 900n } });
  const long = await begin();
  await recordBy('transaction', long);
  expect(await rowsOf(short)).toBe(await rowsOf(long));
});

test('both ways give the same answer to whoever waits, and the chain goes on over them', async () => {
  const [short, long] = [await begin(), await begin()];
  const told = await Promise.all([recordBy('one statement', short), recordBy('transaction', long)]);
  expect(withoutNames(show(told[0]))).toBe(withoutNames(show(told[1])));
  for (const [begun, way] of [[short, 'transaction'] as const, [long, 'one statement'] as const]) {
    const { turnId } = await tenant.say('And now?', begun.opened.sessionId);
    await recordBy(way, await goOn(turnId));
  }
  expect(await rowsOf(short)).toBe(await rowsOf(long));
});

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner), 1);

/** What may happen while the model speaks. */
const CHANGES: Record<string, (begun: Begun) => Promise<unknown>> = {
  'a person takes over': ({ opened }) => takeOverFrom(opened),
  'a person takes over and hands back': async ({ opened }) => {
    await takeOverFrom(opened);
    await handBack(knex, opened, {
      handback: { by: agent, note: null, availableMillicredits: 1000n },
      now: CHATTING_AT,
    });
  },
  'the visitor stops it': ({ opened }) =>
    knex.raw('update turn set stop_at = ? where id = ?', [CHATTING_AT, toUuid(opened.turnId)]),
  'the visitor says more': ({ opened }) => tenant.say('And in all?', opened.sessionId),
  'the session is closed': ({ opened }) =>
    knex.raw(`update chat_session set state = 'closed', closed_at = ? where id = ?`, [
      CHATTING_AT,
      toUuid(opened.sessionId),
    ]),
  'its content is erased': ({ opened }) =>
    knex.raw('update chat_session set mac_key = null where id = ?', [toUuid(opened.sessionId)]),
  'its hold lapses': async ({ opened }) => {
    await knex.raw('update credit_hold set expires_at = ? where turn_id = ?', [CHATTING_AT, toUuid(opened.turnId)]);
    await lapseHolds(knex, { at: CHATTING_AT, limit: 10 });
  },
  'another clock was ahead': ({ opened }) =>
    knex.raw(`update chat_session set last_at = last_at + interval '5 seconds' where id = ?`, [
      toUuid(opened.sessionId),
    ]),
};

async function takeOverFrom(opened: OpenedTurn): Promise<void> {
  await takeOver(knex, opened, { takeover: { by: agent, reason: null }, now: CHATTING_AT });
}

describe.each(Object.entries(CHANGES))('when %s', (_, change) => {
  test('the turn ends by either way as by the other', async () => {
    const [short, long] = [await begin(), await begin()];
    for (const begun of [short, long]) await change(begun);
    const told = [await recordBy('one statement', short), await recordBy('transaction', long)];
    expect(withoutNames(show(told[0]))).toBe(withoutNames(show(told[1])));
    expect(await rowsOf(short)).toBe(await rowsOf(long));
  });
});

test('a try that a newer one has overtaken records nothing', async () => {
  const begun = await begin();
  await knex.raw('update turn set lease_until = null where id = ?', [toUuid(begun.opened.turnId)]);
  await openTurn(knex, begun.opened, { lease: crypto.randomUUID(), at: CHATTING_AT });
  const before = await rowsOf(begun);
  expect(await recordBy('one statement', begun)).toEqual({ kind: 'overtaken' });
  expect(await rowsOf(begun)).toBe(before);
});

test('a turn that was stopped while its session was waited for keeps nothing of the statement', async () => {
  const begun = await begin();
  const { sessionId, turnId } = begun.opened;
  const before = await rowsOf(begun);
  const closing = await knex.transaction(async (trx) => {
    await trx.raw('select from chat_session where id = ? for update', [toUuid(sessionId)]);
    await trx.raw('update turn set stop_at = ? where id = ?', [CHATTING_AT, toUuid(turnId)]);
    const waiting = closeUnchanged({ knex, ledger }, composed(begun), { seen: seenOf(begun), at: CHATTING_AT });
    await expect.poll(() => waitingForLock(knex), { timeout: 10_000 }).toBe(1);
    return { waiting };
  });
  expect(await closing.waiting).toBeNull();
  await knex.raw('update turn set stop_at = null where id = ?', [toUuid(turnId)]);
  expect(await rowsOf(begun)).toBe(before);
});

async function waitingForLock(asked: Knex): Promise<number> {
  const { rows } = await asked.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%with raised as%'`,
  );
  return rows[0]?.count ?? 0;
}
