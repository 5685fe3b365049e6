import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { SessionId, TenantId, TurnId } from '#domain/ids.ts';
import { freshDatabase } from '../test/setup/fresh-database.ts';
import { acceptMessage } from './commands/accept-message.ts';
import { createTenant } from './commands/create-tenant.ts';
import { recordTurn } from './commands/record-turn.ts';
import { createCreditLedger } from './credit-ledger/create-credit-ledger.ts';
import { locateChat } from './locate-chat.ts';
import { openTurn, turnBefore } from './open-turn.ts';
import { publishFirstPricebook } from './pricebook.ts';

const AT = new Date('2026-03-10T12:00:00.000Z');

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let tenantId: TenantId;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  await publishFirstPricebook(knex, { at: AT, by: 'test' });
  const user = { realm: 'tenant', role: 'owner', email: 'a@example.com', name: 'A', passwordHash: 'x' } as const;
  const tenant = { businessId: 'burst', name: 'Burst', isOperator: false, publicChat: true, language: 'en' } as const;
  tenantId = await knex.transaction((trx) => createTenant(trx, { ...tenant, planKey: 'starter', user, at: AT }));
});

afterAll(() => database.drop());

async function say(text: string, session: SessionId | null): Promise<{ turnId: TurnId; sessionId: SessionId }> {
  const located = await locateChat(knex, {
    tenant: { tenantId },
    channel: 'public',
    clientIdHash: 'burst',
    clientMessageId: text,
  });
  if (located === null) throw new Error('the tenant is missing');
  const opening = { channel: 'public', clientIdHash: 'burst', visitorHash: null, language: 'en' } as const;
  const accepted = await acceptMessage(
    knex,
    { tenantId, text, author: { type: 'visitor', userId: null }, clientMessageId: text, bodyHash: text, at: AT },
    session ?? { ...opening, persona: located.persona },
  );
  if (accepted === null) throw new Error('the message was not accepted');
  return accepted;
}

async function answer(turnId: TurnId, text: string): Promise<void> {
  const silent = { citations: [], calls: [], retrieval: [], ownerEpoch: 0, pricebookVersion: null } as const;
  const ended = { tenantId, turnId, outcome: 'refused', text, policyHash: null, problem: null, modelMs: null } as const;
  await recordTurn({ knex, ledger: createCreditLedger({ knex }) }, { ...ended, ...silent }, AT);
}

test('in a burst each message waits for the one before, and its prompt holds the replies to all of them', async () => {
  const first = await say('one', null);
  const second = await say('two', first.sessionId);
  const third = await say('three', first.sessionId);
  const claim = { lease: crypto.randomUUID(), at: AT };

  expect(await openTurn(knex, { tenantId, turnId: second.turnId }, claim)).toBeNull();
  expect(await turnBefore(knex, { tenantId, turnId: second.turnId })).toEqual({ tenantId, turnId: first.turnId });

  await answer(first.turnId, 'answer one');
  await answer(second.turnId, 'answer two');
  const opened = await openTurn(knex, { tenantId, turnId: third.turnId }, claim);

  expect(opened?.message.text).toBe('three');
  expect(opened?.history).toEqual([
    { role: 'user', text: 'one' },
    { role: 'assistant', text: 'answer one' },
    { role: 'user', text: 'two' },
    { role: 'assistant', text: 'answer two' },
  ]);
});
