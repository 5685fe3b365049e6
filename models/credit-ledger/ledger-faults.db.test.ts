import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { openDatabase } from '#platform/database.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { AT, buildAccount, buildClosing, buildHold, usageOf } from './account.fixture.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import { lapseHolds } from './lapse-holds.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { findUnsealed, sealPass } from './seal-pass.ts';

const TURNS = 150;
/** Tries are not counted where a step is driven from outside: the slower the machine, the more of them are cut. */
const TRIES_MAX = 1000;
const VICTIMS = 'bob-victim';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  // knex reports each connection it loses there.
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterAll(async () => {
  vi.restoreAllMocks();
  await database.drop();
});

/** As Temporal does: the same step with the same ids, until it went through. */
async function untilDone<T>(step: () => Promise<T>): Promise<T | null> {
  for (let tried = 0; tried < TRIES_MAX; tried += 1) {
    try {
      return await step();
    } catch (error) {
      // The first try may have committed and lost only its answer.
      if (String(error).includes('has ended')) return null;
      await new Promise((tick) => setTimeout(tick, 5));
    }
  }
  throw new Error('a step never went through');
}

it('connections cut between any two steps leave every turn charged once', { timeout: 120_000 }, async () => {
  const victims = openDatabase({ url: database.url, applicationName: VICTIMS, poolMax: 6 });
  victims.on('error', () => {});
  const tenants = [await buildAccount(database.knex), await buildAccount(database.knex)];
  const [first] = tenants;
  const ledger = createCreditLedger({ knex: victims });
  const over = new AbortController();

  const killing = (async () => {
    while (!over.signal.aborted) {
      await database.knex.raw(
        `select pg_terminate_backend(a.pid) from pg_stat_activity a
         where a.application_name = ? and a.datname = current_database() and random() < 0.3`,
        [VICTIMS],
      );
      await new Promise((tick) => setTimeout(tick, 20));
    }
  })();
  const sealing = (async () => {
    while (!over.signal.aborted) {
      await untilDone(() => sealPass(victims, { tenantIds: tenants, at: AT, rowMax: 9 }));
      await untilDone(() => lapseHolds(victims, { at: AT, limit: 5 }));
    }
  })();
  const turn = async (index: number) => {
    const hold = buildHold(tenants[index % 2] ?? first ?? expect.fail(), { ttlMs: index % 4 === 0 ? 0 : 60_000 });
    await untilDone(() => ledger.reserve(hold));
    const closing = buildClosing(hold);
    await untilDone(() => victims.transaction((trx) => ledger.settle(trx, closing, usageOf(400))));
  };
  for (let done = 0; done < TURNS; done += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => turn(done + index)));
  }
  over.abort();
  await Promise.all([killing, sealing]);
  await victims.destroy();

  await sealPass(database.knex, { tenantIds: tenants, at: AT, wait: true });
  expect(await findUnsealed(database.knex, { limit: 10 })).toEqual([]);
  expect(await auditBooks(database.knex)).toEqual([]);
  const { rows } = await database.knex.raw<{ rows: { turns: string; total: string }[] }>(
    `select count(*) as turns, sum(t.amount_mc) as total from ledger_tx t where t.kind = 'settle'`,
  );
  expect(rows).toEqual([{ turns: String(TURNS), total: String(TURNS * 400) }]);
});
