import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '#platform/new-id.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import {
  addGrant,
  AT,
  buildAccount,
  buildClosing,
  buildHold,
  grantsOf,
  STARTER_MILLICREDITS,
} from './account.fixture.ts';
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

describe('a hold', () => {
  it('is placed by one statement', async () => {
    const tenantId = await buildAccount(database.knex);
    const statements: string[] = [];
    const note = ({ sql }: { sql: string }) => statements.push(sql);
    database.knex.on('query', note);
    const held = await ledger.reserve(buildHold(tenantId));
    database.knex.removeListener('query', note);
    expect(held).toEqual({ state: 'held', reservedMillicredits: 1_000n, pricebookVersion: 1, replay: false });
    expect(statements).toHaveLength(1);
    expect(await grantsOf(database.knex, tenantId)).toEqual([
      { amount: STARTER_MILLICREDITS, held: 1_000n, spent: 0n },
    ]);
  });

  it('is placed once, however often its turn asks', async () => {
    const tenantId = await buildAccount(database.knex);
    const hold = buildHold(tenantId);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ledger.reserve(hold)));
    const replays = answers.map((answer) => answer.state === 'held' && answer.replay);
    expect(answers.every((answer) => answer.state === 'held')).toBe(true);
    expect(replays.filter((replay) => !replay)).toHaveLength(1);
    expect((await grantsOf(database.knex, tenantId))[0]?.held).toBe(1_000n);
  });

  it('refuses the same turn with another request', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    await expect(ledger.reserve({ ...hold, requestHash: 'another' })).rejects.toThrow('another request');
  });

  it('refuses a turn that has ended', async () => {
    const hold = buildHold(await buildAccount(database.knex));
    await ledger.reserve(hold);
    await ledger.release(database.knex, buildClosing(hold), { reason: 'failed', usage: null });
    await expect(ledger.reserve(hold)).rejects.toThrow('has ended');
  });

  it('pins the version of the period when the caller knows none, or a stale one', async () => {
    const tenantId = await buildAccount(database.knex);
    for (const pricebookVersion of [null, 7]) {
      const held = await ledger.reserve(buildHold(tenantId, { pricebookVersion }));
      expect(held).toMatchObject({ state: 'held', pricebookVersion: 1, replay: false });
    }
  });

  it('of nothing needs no credits', async () => {
    const tenantId = await buildAccount(database.knex);
    await ledger.reserve(buildHold(tenantId, { wantMillicredits: STARTER_MILLICREDITS }));
    const held = await ledger.reserve(buildHold(tenantId, { wantMillicredits: 0n, minMillicredits: 0n }));
    expect(held).toMatchObject({ state: 'held', reservedMillicredits: 0n });
  });

  it('fails aloud for a tenant without an account', async () => {
    const hold = buildHold('00000000-0000-7000-8000-000000000000');
    await expect(ledger.reserve(hold)).rejects.toThrow('has no ledger');
  });
});

describe('when credits run out', () => {
  it('fifty reserves at once get exactly what is there, and the rest is refused', async () => {
    const tenantId = await buildAccount(database.knex);
    const wide = createCreditLedger({ knex: database.knex, laneWidth: 8 });
    const want = { wantMillicredits: 1_000_000n, minMillicredits: 1_000_000n };
    const answers = await Promise.all(Array.from({ length: 50 }, () => wide.reserve(buildHold(tenantId, want))));
    expect(answers.filter((answer) => answer.state === 'held')).toHaveLength(15);
    const refused = answers.find((answer) => answer.state === 'refused');
    expect(refused).toEqual({
      state: 'refused',
      availableMillicredits: 0n,
      resetsAt: new Date('2026-04-10T12:00:00.000Z'),
    });
    expect((await grantsOf(database.knex, tenantId))[0]?.held).toBe(STARTER_MILLICREDITS);
  });

  it('a hold takes less than it wants, but not less than it needs', async () => {
    const tenantId = await buildAccount(database.knex);
    await ledger.reserve(buildHold(tenantId, { wantMillicredits: STARTER_MILLICREDITS - 700n }));
    const tooMuch = await ledger.reserve(buildHold(tenantId, { wantMillicredits: 900n, minMillicredits: 800n }));
    expect(tooMuch).toMatchObject({ state: 'refused', availableMillicredits: 700n });
    const less = await ledger.reserve(buildHold(tenantId, { wantMillicredits: 900n, minMillicredits: 600n }));
    expect(less).toMatchObject({ state: 'held', reservedMillicredits: 700n });
  });

  it('a hold spreads over grants in spending order', async () => {
    const tenantId = await buildAccount(database.knex);
    await addGrant(database.knex, { tenantId, amount: 500n, priority: 50 });
    await addGrant(database.knex, { tenantId, amount: 300n, priority: 20 });
    const want = STARTER_MILLICREDITS + 600n;
    const held = await ledger.reserve(buildHold(tenantId, { wantMillicredits: want, minMillicredits: want }));
    expect(held).toMatchObject({ state: 'held', reservedMillicredits: want });
    expect((await grantsOf(database.knex, tenantId)).map((grant) => grant.held)).toEqual([
      STARTER_MILLICREDITS,
      300n,
      300n,
    ]);
  });

  it('a top-up at zero lets the next turn run', async () => {
    const tenantId = await buildAccount(database.knex);
    await ledger.reserve(buildHold(tenantId, { wantMillicredits: STARTER_MILLICREDITS }));
    expect(await ledger.reserve(buildHold(tenantId))).toMatchObject({ state: 'refused' });
    await addGrant(database.knex, { tenantId, amount: 5_000n, priority: 50 });
    expect(await ledger.reserve(buildHold(tenantId))).toMatchObject({ state: 'held' });
  });

  it('an expired grant pays for nothing', async () => {
    const tenantId = await buildAccount(database.knex);
    await addGrant(database.knex, { tenantId, amount: 5_000n, priority: 1, expiresAt: new Date(AT.getTime() + 1) });
    await ledger.reserve(buildHold(tenantId, { at: new Date(AT.getTime() + 2) }));
    expect((await grantsOf(database.knex, tenantId)).map((grant) => grant.held)).toEqual([0n, 1_000n]);
  });
});

describe('at a boundary', () => {
  it('the first hold opens the period, and two openers make one grant', async () => {
    const tenantId = await buildAccount(database.knex);
    const next = new Date('2026-04-10T12:00:00.000Z');
    const wide = createCreditLedger({ knex: database.knex, laneWidth: 8 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => wide.reserve(buildHold(tenantId, { at: next }))));
    expect(answers.every((answer) => answer.state === 'held')).toBe(true);
    expect((await grantsOf(database.knex, tenantId)).map((grant) => grant.held)).toEqual([0n, 8_000n]);
  });

  it('a tenant that was away finds every period of the time between', async () => {
    const tenantId = await buildAccount(database.knex);
    await ledger.reserve(buildHold(tenantId, { at: new Date('2026-07-01T00:00:00.000Z') }));
    expect(await grantsOf(database.knex, tenantId)).toHaveLength(4);
  });

  it('a clock a little behind the one that opened the account still finds the first credits', async () => {
    const tenantId = await buildAccount(database.knex);
    const held = await ledger.reserve(buildHold(tenantId, { at: new Date(AT.getTime() - 50) }));
    expect(held).toMatchObject({ state: 'held', reservedMillicredits: 1_000n });
  });
});

it('a tenant whose line is full is told to come back', async () => {
  const tenantId = await buildAccount(database.knex);
  const narrow = createCreditLedger({ knex: database.knex, laneWidth: 1, waitingMax: 1 });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => narrow.reserve(buildHold(tenantId, { turnId: newId('trn') }))),
  );
  expect(answers.map((answer) => answer.state)).toEqual(['held', 'held', 'busy', 'busy']);
  expect(await narrow.reserve(buildHold(tenantId))).toMatchObject({ state: 'held' });
});

it('after all of this the books are sound', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});
