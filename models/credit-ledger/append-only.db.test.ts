import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { publishFirstPricebook } from '../pricebook.ts';
import { AT, buildAccount, buildClosing, buildHold, usageOf } from './account.fixture.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import { sealPass } from './seal-pass.ts';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  const ledger = createCreditLedger({ knex: database.knex });
  const tenantId = await buildAccount(database.knex);
  const hold = buildHold(tenantId);
  await ledger.reserve(hold);
  await ledger.settle(database.knex, buildClosing(hold), usageOf(796));
  await sealPass(database.knex, { tenantIds: [tenantId], at: AT });
});
afterAll(() => database.drop());

describe('nobody rewrites history, its owner included', () => {
  it.each(['usage_line', 'provider_attempt', 'ledger_tx', 'ledger_entry', 'credit_alert'])('%s', async (table) => {
    const { knex } = database;
    await expect(knex.raw(`update ${table} set tenant_id = tenant_id`)).rejects.toThrow('append-only');
    await expect(knex.raw(`delete from ${table}`)).rejects.toThrow('append-only');
    await expect(knex.raw(`truncate ${table}`)).rejects.toThrow('append-only');
  });

  it.each(['spent_mc = spent_mc - 1', 'amount_mc = amount_mc + 1'])('a grant never has %s', async (change) => {
    await expect(database.knex.raw(`update credit_grant set ${change}`)).rejects.toThrow('append-only');
  });

  it('a grant stays', async () => {
    await expect(database.knex.raw(`delete from credit_grant`)).rejects.toThrow('append-only');
    await expect(database.knex.raw(`truncate credit_grant`)).rejects.toThrow('append-only');
  });

  it('a grant is never overdrawn, whatever code asks for', async () => {
    const over = database.knex.raw(`update credit_grant set held_mc = amount_mc + 1`);
    await expect(over).rejects.toThrow('credit_grant_never_over');
  });

  it('two periods of a tenant never overlap', async () => {
    const again = database.knex.raw(
      `insert into billing_period (tenant_id, no, starts_at, ends_at, plan_key, plan_version, pricebook_version)
       select p.tenant_id, p.no + 1, p.starts_at + interval '1 day', p.ends_at + interval '1 day', p.plan_key,
         p.plan_version, p.pricebook_version from billing_period p`,
    );
    await expect(again).rejects.toThrow('billing_period_no_overlap');
  });
});

describe('a published pricebook', () => {
  it.each([
    `update pricebook_version set content = '{}'`,
    `update pricebook_version set sha256 = 'another'`,
    `delete from pricebook_version`,
    // Version 1 is in effect already.
    `update pricebook_version set state = 'withdrawn'`,
  ])('cannot change: %s', async (statement) => {
    await expect(database.knex.raw(statement)).rejects.toThrow('cannot change');
  });

  it('cannot be emptied', async () => {
    await expect(database.knex.raw(`truncate pricebook_version cascade`)).rejects.toThrow('append-only');
  });

  it('is published once, also when asked again', async () => {
    await publishFirstPricebook(database.knex, { at: AT, by: 'somebody else' });
    const { rows } = await database.knex.raw<{ rows: object[] }>(
      `select b.version, b.published_by, b.sha256 from pricebook_version b`,
    );
    expect(rows).toEqual([
      {
        version: 1,
        published_by: 'test',
        sha256: 'd5d8d31f36db9ac5e15cfd9ba24037fa370eb8e091057e8a1a38fa45952206a4',
      },
    ]);
  });

  it('may be withdrawn before it takes effect', async () => {
    await database.knex.raw(
      `insert into pricebook_version (version, effective_at, published_at, published_by, sha256, prev_sha256, content)
       select 2, clock_timestamp() + interval '40 days', b.published_at, 'test', 'x', b.sha256, b.content
       from pricebook_version b`,
    );
    await database.knex.raw(`update pricebook_version set state = 'withdrawn' where version = 2`);
    await expect(
      database.knex.raw(`update pricebook_version set state = 'published' where version = 2`),
    ).rejects.toThrow('cannot change');
  });
});
