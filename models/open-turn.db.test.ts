import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { UNSEEN } from '#domain/ended-turn.ts';
import { toUuid } from '#domain/ids.ts';
import type { TurnRef } from '#domain/turn.ts';
import { newId } from '#platform/new-id.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../test/fixtures/chatting-tenant.ts';
import { freshDatabase } from '../test/setup/fresh-database.ts';
import { recordTurn } from './commands/record-turn.ts';
import { createCreditLedger } from './credit-ledger/create-credit-ledger.ts';
import { openTurn, turnBefore } from './open-turn.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let tenant: ChattingTenant;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  tenant = await buildChattingTenant(knex, 'burst');
});

afterAll(() => database.drop());

async function answer(turn: TurnRef, text: string | null): Promise<void> {
  const silent = { citations: [], calls: [], retrieval: [], ownerEpoch: 0, pricebookVersion: null } as const;
  const ended = {
    ...turn,
    attempt: null,
    outcome: 'refused',
    text,
    policyHash: null,
    problem: null,
    modelMs: null,
    ...UNSEEN,
  } as const;
  await recordTurn({ knex, ledger: createCreditLedger({ knex }) }, { ...ended, ...silent }, { now: CHATTING_AT });
}

test('in a burst each message waits for the one before, and its prompt holds the replies to all of them', async () => {
  const { tenantId, say } = tenant;
  const first = await say('one', null);
  const second = await say('two', first.sessionId);
  const third = await say('three', first.sessionId);
  const claim = { lease: crypto.randomUUID(), at: CHATTING_AT };

  expect(await openTurn(knex, { tenantId, turnId: second.turnId }, claim)).toBeNull();
  expect(await turnBefore(knex, { tenantId, turnId: second.turnId })).toEqual({ tenantId, turnId: first.turnId });

  await answer({ tenantId, turnId: first.turnId }, 'answer one');
  await answer({ tenantId, turnId: second.turnId }, 'answer two');
  const opened = await openTurn(knex, { tenantId, turnId: third.turnId }, claim);

  expect(opened?.message.text).toBe('three');
  expect(opened?.history).toEqual([
    { role: 'user', text: 'one' },
    { role: 'assistant', text: 'answer one' },
    { role: 'user', text: 'two' },
    { role: 'assistant', text: 'answer two' },
  ]);
});

test('a try knows which one it is, what was shown before it, and what has happened meanwhile', async () => {
  const { tenantId, say } = tenant;
  const first = await say('stay', null, 'another visitor');
  const turn = { tenantId, turnId: first.turnId };
  const claim = { lease: crypto.randomUUID(), at: CHATTING_AT };

  const fresh = {
    attempt: 1,
    streams: false,
    wasShown: false,
    isStopped: false,
    isSuspended: false,
    wasTakenOver: false,
    laterTurnId: null,
  };
  expect(await openTurn(knex, turn, claim)).toMatchObject(fresh);

  const later = await say('go on', first.sessionId);
  await knex.raw('update turn set stop_at = now(), streams = true where id = ?', [toUuid(first.turnId)]);
  const again = { attempt: 2, streams: true, isStopped: true, laterTurnId: later.turnId };
  expect(await openTurn(knex, turn, claim)).toMatchObject(again);
});

test('a message that was not answered stands in the next prompt, whose own message is last and alone', async () => {
  const { tenantId, say } = tenant;
  const first = await say('what is', null, 'a fast visitor');
  const second = await say('the price?', first.sessionId);
  await answer({ tenantId, turnId: first.turnId }, null);
  const opened = await openTurn(
    knex,
    { tenantId, turnId: second.turnId },
    { lease: crypto.randomUUID(), at: CHATTING_AT },
  );
  expect([opened?.history, opened?.message.text]).toEqual([[{ role: 'user', text: 'what is' }], 'the price?']);
});

test('a hand-back turn answers the message that waits, told what people did, and never reads a note', async () => {
  const { tenantId, say } = tenant;
  const first = await say('hello', null, 'a visitor with an agent');
  await answer({ tenantId, turnId: first.turnId }, null);
  const sessionId = toUuid(first.sessionId);
  const rows = [
    { seq: 2, author: 'human', text: 'I am Ann.' },
    { seq: 3, author: 'visitor', text: 'And the price?' },
    { seq: 4, author: 'human', text: 'Rude one.', kind: 'note' },
    { seq: 5, author: 'system', text: 'Ann helped.', kind: 'handback' },
  ];
  const shared = { tenant_id: tenantId, session_id: sessionId };
  for (const row of rows) {
    await knex('message').insert({ ...shared, id: crypto.randomUUID(), created_at: CHATTING_AT, ...row });
  }
  const turnId = newId('trn');
  const id = toUuid(turnId);
  await knex('turn').insert({ ...shared, id, message_seq: 5, answers_seq: 3, accepted_at: CHATTING_AT });
  const accepted = { client_message_id: 'handback 2', body_hash: 'x', message_id: id, accepted_at: CHATTING_AT };
  await knex('accepted_message').insert({ ...shared, ...accepted, turn_id: id });

  const opened = await openTurn(knex, { tenantId, turnId }, { lease: crypto.randomUUID(), at: CHATTING_AT });

  expect(opened?.message.text).toBe('And the price?');
  expect(opened?.history).toEqual([
    { role: 'user', text: 'hello' },
    { role: 'assistant', text: 'I am Ann.' },
    { role: 'system', text: 'Ann helped.' },
  ]);
});
