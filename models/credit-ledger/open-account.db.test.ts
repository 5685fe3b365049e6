import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newTenantId } from '#platform/new-id.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import {
  AT,
  buildAccount,
  buildClosing,
  buildHold,
  grantsOf,
  STARTER_MILLICREDITS,
  usageOf,
} from './account.fixture.ts';
import { appendLedger } from './append-ledger.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { openAccount } from './open-account.ts';
import { readCurrentBalance } from './read-current-balance.ts';
import { sealPass } from './seal-pass.ts';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function buildTenant() {
  const tenantId = newTenantId();
  await database.knex.raw(`insert into tenant (id, business_id, name, created_at) values (?, ?, 'Test', ?)`, [
    tenantId,
    `business-${tenantId}`,
    AT,
  ]);
  return tenantId;
}

describe('an account', () => {
  it('needs a published pricebook', async () => {
    const tenantId = await buildTenant();
    const opening = database.knex.transaction((trx) => openAccount(trx, { tenantId, planKey: 'starter', at: AT }));
    await expect(opening).rejects.toThrow('no pricebook');
  });

  it('starts with its plan’s credits, on the books', async () => {
    const tenantId = await buildAccount(database.knex);
    expect(await grantsOf(database.knex, tenantId)).toEqual([{ amount: STARTER_MILLICREDITS, held: 0n, spent: 0n }]);
    const { rows } = await database.knex.raw<{ rows: object[] }>(
      `select h.seq, h.balance_mc, p.no, p.plan_key, p.pricebook_version, p.starts_at, p.ends_at
       from ledger_head h join billing_period p on p.tenant_id = h.tenant_id where h.tenant_id = ?`,
      [tenantId],
    );
    expect(rows).toEqual([
      {
        seq: '1',
        balance_mc: '15000000',
        no: 1,
        plan_key: 'starter',
        pricebook_version: 1,
        starts_at: AT,
        ends_at: new Date('2026-04-10T12:00:00.000Z'),
      },
    ]);
  });

  it('is opened in the transaction of its tenant, or not at all', async () => {
    await expect(buildAccount(database.knex, { planKey: 'free' })).rejects.toThrow('has no plan free');
  });

  it('before the first version takes effect has the first version', async () => {
    const tenantId = await buildAccount(database.knex, { at: new Date('2025-12-31T00:00:00.000Z') });
    expect(await grantsOf(database.knex, tenantId)).toHaveLength(1);
  });

  it('that is there already is not opened again', async () => {
    const tenantId = await buildAccount(database.knex);
    const again = database.knex.transaction((trx) => openAccount(trx, { tenantId, planKey: 'starter', at: AT }));
    await expect(again).rejects.toThrow('subscription_pkey');
  });
});

describe('the balance of a tenant', () => {
  it('without an account is nothing', async () => {
    const balance = await readCurrentBalance(database.knex, await buildTenant(), AT);
    expect(balance).toMatchObject({ availableMillicredits: 0n, period: null, grants: [] });
  });

  it('opens a month in which no turn came yet', async () => {
    const tenantId = await buildAccount(database.knex);
    const balance = await readCurrentBalance(database.knex, tenantId, new Date('2026-05-01T00:00:00.000Z'));
    expect(balance).toMatchObject({ availableMillicredits: STARTER_MILLICREDITS, period: { no: 2 } });
    expect(await readCurrentBalance(database.knex, tenantId, AT)).toMatchObject({ period: { no: 1 } });
  });
});

describe('a new version in the middle of a period', () => {
  it('keeps its lines on the old one, and the next period has the new one', async () => {
    const tenantId = await buildAccount(database.knex);
    const ledger = createCreditLedger({ knex: database.knex });
    await database.knex.raw(
      `insert into pricebook_version (version, effective_at, published_at, published_by, sha256, prev_sha256, content)
       select 2, '2026-03-20T00:00:00Z', b.published_at, 'test', 'x', b.sha256,
         replace(b.content, '"version":1', '"version":2') from pricebook_version b`,
    );
    const versions = [];
    for (const day of ['2026-03-19', '2026-04-01', '2026-04-11']) {
      const hold = buildHold(tenantId, { at: new Date(`${day}T12:00:00.000Z`), pricebookVersion: null });
      const held = await ledger.reserve(hold);
      const pricebookVersion = held.state === 'held' ? held.pricebookVersion : null;
      const charge = await ledger.settle(database.knex, buildClosing(hold, { pricebookVersion }), usageOf(796));
      versions.push([pricebookVersion, charge.pricebookVersion]);
    }
    expect(versions).toEqual([
      [1, 1],
      [1, 1],
      [2, 2],
    ]);
    await sealPass(database.knex, { tenantIds: [tenantId], at: AT });
  });

  it('settles a turn on the version and in the period of its hold, also after the boundary', async () => {
    const tenantId = await buildAccount(database.knex);
    const ledger = createCreditLedger({ knex: database.knex });
    const hold = buildHold(tenantId, { at: new Date('2026-04-10T11:59:59.000Z') });
    await ledger.reserve(hold);
    await readCurrentBalance(database.knex, tenantId, new Date('2026-04-10T12:00:00.000Z'));
    await ledger.settle(database.knex, buildClosing(hold, { at: new Date('2026-04-10T12:00:01.000Z') }), usageOf(796));
    await sealPass(database.knex, { tenantIds: [tenantId], at: AT });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ spent: 796n }, { spent: 0n }]);
  });
});

it('a poke after the commit reaches the seal', () => {
  const poked: string[] = [];
  const tenantId = newTenantId();
  createCreditLedger({ knex: database.knex, sealPoke: (id) => poked.push(id) }).pokeSeal(tenantId);
  createCreditLedger({ knex: database.knex }).pokeSeal(tenantId);
  expect(poked).toEqual([tenantId]);
});

it('books that name a grant which is not there are never written', async () => {
  const tenantId = await buildAccount(database.knex);
  const missing = {
    grantId: 'grt_00000000000070008000000000000000',
    unholdMillicredits: 0n,
    spendMillicredits: 1n,
  } as const;
  const append = { heads: [], transactions: [], moves: [{ ...missing, tenantId }] };
  const appending = database.knex.transaction((trx) => appendLedger(trx, append));
  await expect(appending).rejects.toThrow('a grant of this ledger is missing');
});

it('a hold in the inbox that names no grant stops its seal', async () => {
  const tenantId = await buildAccount(database.knex);
  const ledger = createCreditLedger({ knex: database.knex });
  const hold = buildHold(tenantId);
  await ledger.reserve(hold);
  await ledger.release(database.knex, buildClosing(hold), { reason: 'failed', usage: null });
  const { rows } = await database.knex.raw<{ rows: { grant_id: string }[] }>(
    `select i.grant_id from ledger_inbox i where i.tenant_id = ?`,
    [tenantId],
  );
  const rewrite = `update ledger_inbox set grant_id = ? where tenant_id = ?`;
  await database.knex.raw(rewrite, [null, tenantId]);
  const pass = { tenantIds: [tenantId], at: AT };
  await expect(sealPass(database.knex, pass)).rejects.toThrow('names no grant');
  await database.knex.raw(rewrite, [rows[0]?.grant_id ?? null, tenantId]);
  expect(await sealPass(database.knex, pass)).toMatchObject({ sealedCount: 1 });
});

it('after all of this the books are sound', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});
