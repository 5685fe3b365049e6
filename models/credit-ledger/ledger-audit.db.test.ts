import { afterAll, beforeAll, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { AT, buildAccount, buildClosing, buildHold, usageOf } from './account.fixture.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { sealPass } from './seal-pass.ts';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  const ledger = createCreditLedger({ knex: database.knex });
  const tenantId = await buildAccount(database.knex);
  for (const cost of [10, 796]) {
    const hold = buildHold(tenantId);
    await ledger.reserve(hold);
    await ledger.settle(database.knex, buildClosing(hold), usageOf(cost));
  }
  await sealPass(database.knex, { tenantIds: [tenantId], at: AT });
  await ledger.reserve(buildHold(tenantId));
  // The owner of the tables can do what no code of ours does.
  const tables = ['usage_line', 'ledger_tx', 'ledger_entry', 'credit_grant'];
  for (const table of tables) await database.knex.raw(`alter table ${table} disable trigger user`);
});
afterAll(() => database.drop());

it('sound books break no equation', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});

it.each([
  ['R1', `update ledger_entry set amount_mc = amount_mc + 1 where account = 'usage'`],
  ['R2', `update credit_grant set spent_mc = spent_mc + 1`],
  ['R2', `update ledger_head set balance_mc = balance_mc - 1`],
  ['R2', `update ledger_head set seq = seq + 1`],
  ['R3', `update usage_line set amount_mc = amount_mc + 1 where kind = 'llm'`],
  ['R3', `update credit_hold set settled_mc = settled_mc + 1 where state = 'settled'`],
  ['R4', `update credit_grant set held_mc = held_mc + 1`],
  ['R4', `delete from credit_hold where state = 'held'`],
  ['R5', `update usage_line set rates = '{"output": 1}' where kind = 'llm'`],
  ['R5', `update usage_line set pools = pools || '{"input": 1}' where kind = 'llm'`],
  ['R5', `update usage_line set amount_mc = amount_mc - 1 where kind = 'minimum'`],
  ['M6', `delete from ledger_tx where kind = 'settle' and seq = 3`],
  ['M6', `update credit_hold set state = 'settled', settled_mc = 0, closed_at = expires_at where state = 'held'`],
  ['chain', `update usage_line set model = 'another'`],
  ['chain', `update ledger_tx set receipt_hash = 'another' where seq = 2`],
])('%s finds: %s', async (equation, fault) => {
  const trx = await database.knex.transaction();
  await trx.raw(fault);
  const faults = await auditBooks(trx);
  await trx.rollback();
  expect(faults.filter((each) => each.startsWith(equation))).not.toEqual([]);
});
