import knex from 'knex';
import { afterAll, expect, test } from 'vitest';

import { createLogger } from '#platform/logger.ts';
import { newId, newTenantId } from '#platform/new-id.ts';

import { createAnswers } from './answers.ts';

// Never asked here: the first look at the table comes a second after the question.
const unasked = knex({ client: 'pg' });
afterAll(() => unasked.destroy());

function ask() {
  const answers = createAnswers({ knex: unasked, logger: createLogger({ level: 'silent' }) });
  const turn = { tenantId: newTenantId(), turnId: newId('trn') };
  return { answers, turn, waiting: answers.of(turn, { waitMs: 60_000 }) };
}

test('a process that stops tells those who wait to come again, and those who come then as well', async () => {
  const { answers, turn, waiting } = ask();
  answers.release();
  expect(await waiting).toBeNull();
  expect(await answers.of(turn, { waitMs: 60_000 })).toBeNull();
});
