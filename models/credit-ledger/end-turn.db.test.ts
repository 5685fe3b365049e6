import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid } from '#domain/ids.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { AT, buildAccount, buildClosing, buildHold, usageOf } from './account.fixture.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import type { CreditLedger } from './create-credit-ledger.ts';
import { auditBooks } from './ledger-audit.fixture.ts';

let database: FreshDatabase;
let ledger: CreditLedger;

beforeAll(async () => {
  database = await freshDatabase();
  ledger = createCreditLedger({ knex: database.knex });
});
afterAll(() => database.drop());

const settle = (...[turn, usage]: [Parameters<CreditLedger['settle']>[1], Parameters<CreditLedger['settle']>[2]]) =>
  database.knex.transaction((trx) => ledger.settle(trx, turn, usage));

async function statementsOf(run: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const note = () => void (count += 1);
  database.knex.on('query', note);
  await run();
  database.knex.removeListener('query', note);
  return count;
}

describe('settling', () => {
  it('charges what was used, in one statement', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    await ledger.books.byVersion(1);
    const count = await statementsOf(async () => {
      const charge = await ledger.settle(database.knex, buildClosing(hold), usageOf(796));
      expect(charge).toMatchObject({ chargedMillicredits: 796n, heldMillicredits: 1_000n, pricebookVersion: 1 });
      expect(charge.lines.map((line) => line.amountMillicredits)).toEqual([796n]);
    });
    expect(count).toBe(1);
  });

  it('is planned as it is charged, and without a call there is nothing to plan', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    const closing = buildClosing(hold);
    const planned = await ledger.planSettlement(closing, { usage: usageOf(796), heldMillicredits: 1_000n });
    const charged = await settle(closing, usageOf(796));
    expect(planned.charge).toEqual(charged);
    const nothing = { usage: { calls: [], textDelivered: true }, heldMillicredits: 1_000n };
    await expect(ledger.planSettlement(closing, nothing)).rejects.toThrow('made no call');
  });

  it('is one statement for a release as well', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    const end = { reason: 'failed', usage: usageOf(796) } as const;
    expect(await statementsOf(() => ledger.release(database.knex, buildClosing(hold), end))).toBe(1);
  });

  it('lifts a delivered answer to the minimum', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    const charge = await settle(buildClosing(hold), usageOf(10));
    expect(charge.lines.map((line) => [line.kind, line.amountMillicredits])).toEqual([
      ['llm', 10n],
      ['minimum', 90n],
    ]);
  });

  it('of a turn that never held writes its hold of nothing', async () => {
    const turn = buildClosing(buildHold(await buildAccount(database.knex)), { pricebookVersion: null });
    const charge = await settle(turn, { calls: [], textDelivered: false });
    expect(charge).toEqual({ chargedMillicredits: 0n, heldMillicredits: 0n, pricebookVersion: 1, lines: [] });
  });

  it('of a turn whose hold was lost still charges it', async () => {
    const turn = buildClosing(buildHold(await buildAccount(database.knex)), { pricebookVersion: null });
    expect(await settle(turn, usageOf(796))).toMatchObject({ chargedMillicredits: 796n, heldMillicredits: 0n });
  });

  it('with a caller that forgot the version uses the one the hold pinned', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    expect(await settle(buildClosing(hold, { pricebookVersion: null }), usageOf(796))).toMatchObject({
      chargedMillicredits: 796n,
      heldMillicredits: 1_000n,
    });
  });

  it('with a version nobody published is an error', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await expect(settle(buildClosing(hold, { pricebookVersion: 9 }), usageOf(796))).rejects.toThrow(
      'version 9 is not there',
    );
  });

  it('never takes another version than the hold pinned', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    await database.knex.raw(`update credit_hold set pricebook_version = 2 where turn_id = ?`, [toUuid(hold.turnId)]);
    await expect(settle(buildClosing(hold), usageOf(796))).rejects.toThrow('another version');
    await database.knex.raw(`update credit_hold set pricebook_version = 1 where turn_id = ?`, [toUuid(hold.turnId)]);
    await settle(buildClosing(hold), usageOf(796));
  });
});

describe('releasing', () => {
  it.each([
    ['refused', 'blocked'],
    ['failed', 'provider_error'],
    ['superseded', 'superseded'],
    ['withheld', 'withheld'],
  ] as const)('a %s turn costs nothing and shows its call as %s', async (reason, waived) => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    const charge = await ledger.release(database.knex, buildClosing(hold), { reason, usage: usageOf(796) });
    expect(charge.chargedMillicredits).toBe(0n);
    expect(charge.lines).toMatchObject([{ waived, amountMillicredits: 0n, rawUcr: 796_000_000n }]);
  });
});

describe('two that end one turn', () => {
  it('exactly one wins, and all that the other wrote is gone', async () => {
    const { knex } = database;
    const hold = buildHold(await buildAccount(knex));
    await ledger.reserve(hold);
    const turn = buildClosing(hold);
    const end = (index: number) =>
      knex.transaction(async (trx) => {
        await trx.raw(
          `insert into credit_alert (tenant_id, period_no, meter, threshold, at) values (?, 1, 'race', ?, ?)`,
          [hold.tenantId, index, AT],
        );
        return index % 2 === 0
          ? ledger.settle(trx, turn, usageOf(796))
          : ledger.release(trx, turn, { reason: 'failed', usage: null });
      });
    const ends = await Promise.allSettled([0, 1, 2, 3].map(end));
    const lost = ends.filter((ended) => ended.status === 'rejected').map((ended) => String(ended.reason));
    expect(lost).toHaveLength(3);
    expect(lost.every((reason) => reason.includes('has ended already'))).toBe(true);
    const { rows } = await knex.raw(
      `select h.state, a.threshold from credit_hold h join credit_alert a on a.tenant_id = h.tenant_id
       where h.turn_id = ?`,
      [toUuid(hold.turnId)],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].state).toBe(rows[0].threshold % 2 === 0 ? 'settled' : 'released');
  });

  it('a rolled back end leaves the hold open and no line behind', async () => {
    const { knex } = database;
    const hold = buildHold(await buildAccount(knex));
    await ledger.reserve(hold);
    const turn = buildClosing(hold);
    const dying = knex.transaction(async (trx) => {
      await ledger.settle(trx, turn, usageOf(796));
      throw new Error('the process dies');
    });
    await expect(dying).rejects.toThrow('dies');
    expect(await settle(turn, usageOf(796))).toMatchObject({ chargedMillicredits: 796n });
  });
});

it('after all of this the books are sound', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});
