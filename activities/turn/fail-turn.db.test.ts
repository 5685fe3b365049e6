import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TurnAnswer } from '#domain/turn.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import { readTranscript } from '#models/read/transcript.ts';
import { fixedClock } from '#platform/clock.ts';
import { openLlm } from '#platform/llm.ts';

import { buildChattingTenant, CHATTING_AT } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { failTurnActivity } from './fail-turn.ts';
import { createStopBoard } from './stop-board.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('a turn out of time takes those before it along: apologies in order, once, at no cost', async () => {
  const { knex } = database;
  const { tenantId, say } = await buildChattingTenant(knex, 'late');
  const first = await say('one', null);
  const { sessionId } = first;
  const second = await say('two', sessionId);
  const announced: TurnAnswer[] = [];
  const failTurn = failTurnActivity({
    knex,
    stream: knex,
    ledger: createCreditLedger({ knex }),
    llm: openLlm({}),
    model: { sku: 'model:bob/bob-offline', name: 'bob-offline' },
    clock: fixedClock(CHATTING_AT),
    logger: pino({ level: 'silent' }),
    leaseToken: crypto.randomUUID(),
    stopBoard: createStopBoard(),
    aside: (wait) => wait(),
    announce: (answer) => announced.push(answer),
    showText: () => undefined,
  });

  for (const turn of [second, first, second]) {
    expect(await failTurn({ tenantId, turnId: turn.turnId, problem: 'turn-timeout' })).toEqual({ outcome: 'failed' });
  }

  const transcript = await readTranscript(knex, tenantId, { sessionId, after: 0, limit: 10, audience: 'team' });
  expect(transcript.map(({ author, turnId }) => [author, turnId])).toEqual([
    ['visitor', first.turnId],
    ['visitor', second.turnId],
    ['ai', first.turnId],
    ['ai', second.turnId],
  ]);
  expect(announced.map(({ chargedMillicredits }) => chargedMillicredits)).toEqual([0n, 0n, 0n, 0n]);
});
