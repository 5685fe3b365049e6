import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TurnRef } from '#domain/turn.ts';

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

async function answer(turn: TurnRef, text: string): Promise<void> {
  const silent = { citations: [], calls: [], retrieval: [], ownerEpoch: 0, pricebookVersion: null } as const;
  const ended = { ...turn, outcome: 'refused', text, policyHash: null, problem: null, modelMs: null } as const;
  await recordTurn({ knex, ledger: createCreditLedger({ knex }) }, { ...ended, ...silent }, CHATTING_AT);
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
