import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TenantId } from '#domain/ids.ts';
import type { HoldRequest } from '#domain/usage.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import {
  addGrant,
  AT,
  buildAccount,
  buildClosing,
  buildHold,
  grantsOf,
  STARTER_MILLICREDITS,
  usageOf,
} from './account.fixture.ts';
import { createCreditLedger } from './create-credit-ledger.ts';
import type { CreditLedger } from './create-credit-ledger.ts';
import { lapseHolds } from './lapse-holds.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { findUnsealed, sealPass } from './seal-pass.ts';

const LATER = new Date(AT.getTime() + 5_000);

let database: FreshDatabase;
let ledger: CreditLedger;

beforeAll(async () => {
  database = await freshDatabase({ poolMax: 12 });
  ledger = createCreditLedger({ knex: database.knex });
});
afterAll(() => database.drop());

const seal = (tenantId: TenantId, at = LATER) => sealPass(database.knex, { tenantIds: [tenantId], at, wait: true });

async function settled(tenantId: TenantId, millicredits: number, change: Partial<HoldRequest> = {}) {
  const hold = buildHold(tenantId, change);
  await ledger.reserve(hold);
  await ledger.settle(database.knex, buildClosing(hold), usageOf(millicredits));
  return hold;
}

interface Book {
  kind: string;
  amount_mc: string;
  entries: Record<string, number> | null;
}

async function booksOf(tenantId: TenantId): Promise<Book[]> {
  const { rows } = await database.knex.raw<{ rows: Book[] }>(
    `select t.kind, t.amount_mc,
       (select jsonb_object_agg(split_part(e.account, ':', 1), e.amount_mc) from ledger_entry e
       where e.tenant_id = t.tenant_id and e.seq = t.seq) as entries
     from ledger_tx t where t.tenant_id = ? order by t.seq`,
    [tenantId],
  );
  return rows;
}

describe('a seal', () => {
  it('moves an ended turn into the ledger and frees what it did not use', async () => {
    const tenantId = await buildAccount(database.knex);
    await settled(tenantId, 796);
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 1_000n, spent: 0n }]);
    expect(await seal(tenantId)).toMatchObject({
      sealedCount: 1,
      skipped: [],
      isFull: false,
      writeoffMillicredits: 0n,
    });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 796n }]);
    expect(await booksOf(tenantId)).toEqual([
      { kind: 'grant', amount_mc: '15000000', entries: { issued: -15_000_000, grant: 15_000_000 } },
      { kind: 'settle', amount_mc: '796', entries: { grant: -796, usage: 796 } },
    ]);
  });

  it('gives a released turn its row, without entries', async () => {
    const tenantId = await buildAccount(database.knex);
    const hold = buildHold(tenantId);
    await ledger.reserve(hold);
    await ledger.release(database.knex, buildClosing(hold), { reason: 'failed', usage: null });
    await seal(tenantId);
    expect((await booksOf(tenantId)).at(-1)).toEqual({ kind: 'release', amount_mc: '0', entries: null });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 0n }]);
  });

  it('tells of each settled turn, and of no released one', async () => {
    const tenantId = await buildAccount(database.knex);
    const hold = await settled(tenantId, 796);
    await ledger.release(database.knex, buildClosing(buildHold(tenantId)), { reason: 'blocked', usage: null });
    await seal(tenantId);
    const { rows } = await database.knex.raw<{ rows: { type: string; body: string; seq: string | null }[] }>(
      `select e.type, e.body, e.seq from webhook_event e where e.tenant_id = ?`,
      [tenantId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ type: 'usage.recorded', seq: null });
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
      session_id: null,
      data: {
        ledger_seq: 2,
        turn_id: hold.turnId,
        lines: 1,
        credits: '0.796',
        pricebook_version: 1,
        balance_after: '14999.204',
      },
    });
  });

  it('takes an overrun from what is free', async () => {
    const tenantId = await buildAccount(database.knex);
    await settled(tenantId, 2_500);
    expect(await seal(tenantId)).toMatchObject({ writeoffMillicredits: 0n });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 2_500n }]);
  });

  it('charges the operator what no grant covers, and never what another turn holds', async () => {
    const tenantId = await buildAccount(database.knex);
    await addGrant(database.knex, { tenantId, amount: 200n, priority: 50 });
    await ledger.reserve(buildHold(tenantId, { wantMillicredits: STARTER_MILLICREDITS - 1_000n }));
    await settled(tenantId, 2_000);
    expect(await seal(tenantId)).toMatchObject({ writeoffMillicredits: 800n });
    expect((await booksOf(tenantId)).at(-1)).toMatchObject({
      amount_mc: '2000',
      entries: { usage: 2_000, writeoff: -800 },
    });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([
      { held: STARTER_MILLICREDITS - 1_000n, spent: 1_000n },
      { held: 0n, spent: 200n },
    ]);
  });

  it('settles a hold over several grants in their order', async () => {
    const tenantId = await buildAccount(database.knex);
    await addGrant(database.knex, { tenantId, amount: 600n, priority: 1 });
    await settled(tenantId, 700, { minMillicredits: 1_000n });
    await seal(tenantId);
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([
      { held: 0n, spent: 600n },
      { held: 0n, spent: 100n },
    ]);
  });

  it('never writes a time before the one it wrote last', async () => {
    const tenantId = await buildAccount(database.knex);
    await settled(tenantId, 100);
    await seal(tenantId, new Date(AT.getTime() - 60_000));
    const { rows } = await database.knex.raw(`select h.sealed_at from ledger_head h where h.tenant_id = ?`, [tenantId]);
    expect(rows[0].sealed_at).toEqual(AT);
  });

  it('takes no more rows than a pass may, and says that more wait', async () => {
    const tenantId = await buildAccount(database.knex);
    for (let count = 0; count < 5; count += 1) await settled(tenantId, 100);
    const pass = { tenantIds: [tenantId], at: LATER, rowMax: 3 };
    expect(await sealPass(database.knex, pass)).toMatchObject({ sealedCount: 3, isFull: true });
    expect(await sealPass(database.knex, pass)).toMatchObject({ sealedCount: 2, isFull: false });
  });

  it('skips a tenant whose ledger is in use, and finds it again', async () => {
    const tenantId = await buildAccount(database.knex);
    await settled(tenantId, 100);
    await database.knex.transaction(async (trx) => {
      await trx.raw(`select h.seq from ledger_head h where h.tenant_id = ? for update`, [tenantId]);
      const report = await sealPass(database.knex, { tenantIds: [tenantId], at: LATER });
      expect(report).toMatchObject({ sealedCount: 0, skipped: [tenantId] });
      await expect(seal(tenantId)).rejects.toThrow('lock timeout');
    });
    expect(await findUnsealed(database.knex, { limit: 10 })).toContain(tenantId);
    expect(await seal(tenantId)).toMatchObject({ sealedCount: 1 });
  });
});

describe('a hold past its time', () => {
  it('gives its credits back, once, and its late turn is still charged', async () => {
    const tenantId = await buildAccount(database.knex);
    const hold = buildHold(tenantId, { ttlMs: 1_000 });
    await ledger.reserve(hold);
    const due = { at: LATER, limit: 500 };
    const lapsed = await Promise.all([lapseHolds(database.knex, due), lapseHolds(database.knex, due)]);
    expect(lapsed.flat()).toEqual([tenantId]);
    await seal(tenantId);
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 0n }]);
    expect(await booksOf(tenantId)).toHaveLength(1);
    await ledger.settle(database.knex, buildClosing(hold, { at: LATER }), usageOf(796));
    await seal(tenantId);
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 796n }]);
  });

  it('may be settled before its lapse is sealed', async () => {
    const tenantId = await buildAccount(database.knex);
    const hold = buildHold(tenantId, { ttlMs: 1_000 });
    await ledger.reserve(hold);
    await lapseHolds(database.knex, { at: LATER, limit: 500 });
    await ledger.settle(database.knex, buildClosing(hold, { at: LATER }), usageOf(796));
    expect(await seal(tenantId)).toMatchObject({ sealedCount: 2, writeoffMillicredits: 0n });
    expect(await grantsOf(database.knex, tenantId)).toMatchObject([{ held: 0n, spent: 796n }]);
  });

  it('does not lapse while it is in time, or has ended', async () => {
    const tenantId = await buildAccount(database.knex);
    await ledger.reserve(buildHold(tenantId, { ttlMs: 60_000 }));
    await settled(tenantId, 100, { ttlMs: 1_000 });
    expect(await lapseHolds(database.knex, { at: LATER, limit: 500 })).toEqual([]);
    await seal(tenantId);
  });
});

describe('the ledger under pressure', () => {
  it(
    'two sealers, doubled calls, racing ends, lapses and overruns leave sound books',
    { timeout: 60_000 },
    async () => {
      const first = await buildAccount(database.knex);
      const tenants = [first, await buildAccount(database.knex)];
      for (const tenantId of tenants) {
        await addGrant(database.knex, { tenantId, amount: 30_000n, priority: 1 });
        await addGrant(database.knex, { tenantId, amount: 20_000n, priority: 2 });
        const rest = buildHold(tenantId, { wantMillicredits: STARTER_MILLICREDITS + 20_000n });
        await ledger.reserve(rest);
      }
      const over = new AbortController();
      const sealers = [0, 1].map(async () => {
        let sealed = 0;
        while (!over.signal.aborted) {
          const report = await sealPass(database.knex, { tenantIds: tenants, at: LATER, rowMax: 7 });
          sealed += report.sealedCount;
          await lapseHolds(database.knex, { at: LATER, limit: 3 });
          await new Promise((tick) => setTimeout(tick, 5));
        }
        return sealed;
      });
      const wide = createCreditLedger({ knex: database.knex, laneWidth: 4 });
      const turn = async (index: number): Promise<string> => {
        const hold = buildHold(tenants[index % 2] ?? first, { ttlMs: index % 5 === 0 ? 1 : 60_000 });
        const [held] = await Promise.all([wide.reserve(hold), wide.reserve(hold)]);
        if (held?.state === 'refused') {
          await wide.release(database.knex, buildClosing(hold), { reason: 'credit_stopped', usage: null });
          return 'refused';
        }
        const ends = await Promise.allSettled([
          wide.settle(database.knex, buildClosing(hold), usageOf(index % 3 === 0 ? 1_600 : 400)),
          wide.release(database.knex, buildClosing(hold), { reason: 'failed', usage: null }),
        ]);
        return ends.filter((end) => end.status === 'fulfilled').length === 1 ? 'ended' : 'broken';
      };
      const outcomes: string[] = [];
      for (let batch = 0; batch < 12; batch += 1) {
        outcomes.push(...(await Promise.all(Array.from({ length: 12 }, (_, index) => turn(batch * 12 + index)))));
      }
      over.abort();
      await Promise.all(sealers);
      await sealPass(database.knex, { tenantIds: tenants, at: LATER, wait: true });
      expect(outcomes).not.toContain('broken');
      expect(outcomes).toContain('ended');
      expect(await findUnsealed(database.knex, { limit: 10 })).toEqual([]);
      expect(await auditBooks(database.knex)).toEqual([]);
    },
  );
});

it('after all of this the books are sound', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});
