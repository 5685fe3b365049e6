import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { EndedTurn } from '#domain/ended-turn.ts';
import { toUuid } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { composedEnd } from '../../test/fixtures/composed-end.ts';
import { turnRecord } from '../../test/fixtures/turn-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { createCreditLedger, type CreditLedger } from '../credit-ledger/create-credit-ledger.ts';
import { lookAtTurn } from '../look-at-turn.ts';
import { openTurn, type OpenedTurn } from '../open-turn.ts';
import { readShownText } from '../shown-text.ts';
import { recordTurn } from './record-turn.ts';
import { releaseText } from './release-text.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let ledger: CreditLedger;
let tenant: ChattingTenant;
let said = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  ledger = createCreditLedger({ knex });
  tenant = await buildChattingTenant(knex, 'tries');
});
afterAll(() => database.drop());

/** A streamed turn, claimed by a process that is then given up for dead, and again by one that is alive. */
async function overtake(): Promise<{ asleep: OpenedTurn; awake: OpenedTurn }> {
  said += 1;
  const { turnId } = await tenant.say(`message ${said}`, null, `visitor ${said}`);
  await knex.raw('update turn set streams = true where id = ?', [toUuid(turnId)]);
  const asleep = await claim(turnId);
  const want = { pricebookVersion: null, wantMillicredits: 900n, minMillicredits: 1n, at: CHATTING_AT, ttlMs: 60_000 };
  await ledger.reserve({ ...want, tenantId: tenant.tenantId, turnId, requestHash: asleep.bodyHash });
  await knex.raw(`update turn set lease_until = now() - interval '1 second' where id = ?`, [toUuid(turnId)]);
  return { asleep, awake: await claim(turnId) };
}

async function claim(turnId: OpenedTurn['turnId'], lease: string = crypto.randomUUID()): Promise<OpenedTurn> {
  const opened = await openTurn(knex, { tenantId: tenant.tenantId, turnId }, { lease, at: CHATTING_AT });
  if (opened === null) throw new Error('the turn was not claimed');
  return opened;
}

const show = ({ tenantId, turnId, attempt, sessionId, ownerEpoch }: OpenedTurn, seq: number, text: string) =>
  releaseText(knex, { tenantId, turnId, attempt, seq, text }, { sessionId, ownerEpoch });

const record = (opened: OpenedTurn, change: Partial<EndedTurn> = {}) =>
  recordTurn({ knex, ledger }, composedEnd(opened, change), { now: CHATTING_AT });

describe('a try that wakes up after a newer one has begun', () => {
  test('neither shows nor records its words: the reply is what the visitor reads', async () => {
    const { asleep, awake } = await overtake();
    expect(await show(awake, 1, 'Up ')).toBe(true);
    expect(await show(asleep, 1, 'Three ')).toBe(false);
    expect(await record(asleep, { text: 'Three users.' })).toEqual({ kind: 'overtaken' });
    expect(await turnRecord(knex, awake.turnId)).toMatchObject({ state: 'open', holds: ['held'], replies: 0 });

    expect(await show(awake, 2, 'to three.')).toBe(true);
    const recorded = await record(awake, { text: 'Up to three.', shown: 'Up to three.' });
    expect(recorded).toMatchObject({ kind: 'recorded', answer: { reply: { text: 'Up to three.' } } });
    expect(await readShownText(knex, awake)).toBe('Up to three.');
  });

  test('finds the outcome of the newer one, once there is one', async () => {
    const { asleep, awake } = await overtake();
    await record(awake, { text: 'Up to three.' });
    const found = await record(asleep, { text: 'Three users.' });
    expect(found).toMatchObject({ kind: 'found', endpointIds: [], answer: { reply: { text: 'Up to three.' } } });
    expect(await turnRecord(knex, awake.turnId)).toMatchObject({ holds: ['settled'], replies: 1, receipts: 1 });
  });

  test('does not end the turn by what it found at its claim either', async () => {
    const { asleep, awake } = await overtake();
    const refused = { outcome: 'refused', text: 'Not in the sources.', calls: [] } as const;
    expect(await record(asleep, refused)).toEqual({ kind: 'overtaken' });
    expect(await record(awake)).toMatchObject({ kind: 'recorded', answer: { outcome: 'answered' } });
  });

  test('has lost its lease, even where the newer one is of the same process', async () => {
    const { awake } = await overtake();
    const lease = crypto.randomUUID();
    await knex.raw('update turn set lease_until = null where id = ?', [toUuid(awake.turnId)]);
    const older = await claim(awake.turnId, lease);
    const newer = await claim(awake.turnId, lease);
    expect(await lookAtTurn(knex, older, lease)).toBeNull();
    expect(await lookAtTurn(knex, newer, lease)).toMatchObject({ isFenced: false, isStopped: false });
  });
});

test('an apology belongs to no try: it ends the turn whoever is at work, and that one finds it', async () => {
  const { awake } = await overtake();
  const apology = { attempt: null, outcome: 'failed', text: 'Sorry.', calls: [], problem: 'turn-timeout' } as const;
  expect(await record(awake, apology)).toMatchObject({ kind: 'recorded', answer: { outcome: 'failed' } });
  expect(await record(awake)).toMatchObject({ kind: 'found', answer: { outcome: 'failed' } });
  expect(await turnRecord(knex, awake.turnId)).toMatchObject({ holds: ['released'], replies: 1, receipts: 1 });
});
