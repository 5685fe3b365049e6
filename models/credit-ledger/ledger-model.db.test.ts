import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { TenantId } from '#domain/ids.ts';
import type { HoldRequest } from '#domain/usage.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { readBalance } from '../read/usage-balance.ts';
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
import { lapseHolds } from './lapse-holds.ts';
import { auditBooks } from './ledger-audit.fixture.ts';
import { sealPass } from './seal-pass.ts';

type Step =
  | { do: 'reserve'; want: number; min: number }
  | { do: 'settle'; pick: number; cost: number }
  | { do: 'settle and crash'; pick: number; cost: number }
  | { do: 'release'; pick: number }
  | { do: 'grant'; amount: number; priority: number }
  | { do: 'lapse' }
  | { do: 'seal' };

const pick = fc.nat({ max: 20 });
// Even costs above the minimum, in the range of what is left.
const cost = fc.integer({ min: 50, max: 2_000 }).map((half) => half * 2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve'), want: fc.nat(2_000), min: fc.nat(2_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle'), pick, cost }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle and crash'), pick, cost }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release'), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('grant'), amount: fc.nat(3_000), priority: fc.constantFrom(1, 20, 50) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lapse') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('seal') }) },
);

/** What the ledger promises, in totals and with nothing but numbers. */
class Books {
  amount = STARTER_MILLICREDITS;
  spent = 0n;
  open: { hold: HoldRequest; reserved: bigint; isLapsed: boolean }[] = [];
  inbox: { unhold: bigint; cost: bigint }[] = [];

  get openHeld(): bigint {
    return this.open.reduce((sum, each) => sum + (each.isLapsed ? 0n : each.reserved), 0n);
  }

  get held(): bigint {
    return this.inbox.reduce((sum, each) => sum + each.unhold, this.openHeld);
  }

  get free(): bigint {
    return this.amount - this.held - this.spent;
  }

  /** What is spent once the inbox is sealed: each charge from its own hold, then what is free, never more. */
  get spentOnceSealed(): bigint {
    const own = this.inbox.reduce((sum, { unhold, cost: charged }) => sum + (charged < unhold ? charged : unhold), 0n);
    const rest = this.inbox.reduce((sum, each) => sum + each.cost, 0n) - own;
    const free = this.amount - this.openHeld - this.spent - own;
    return this.spent + own + (rest < free ? rest : free);
  }

  take(index: number) {
    const [taken] = this.open.splice(index % this.open.length, 1);
    if (taken === undefined) throw new Error('nothing is open');
    return taken;
  }
}

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function run(each: Step, { tenantId, books }: { tenantId: TenantId; books: Books }): Promise<void> {
  const { knex } = database;
  const ledger = createCreditLedger({ knex });
  if (each.do === 'reserve') {
    const min = BigInt(Math.min(each.min, each.want));
    const hold = buildHold(tenantId, { wantMillicredits: BigInt(each.want), minMillicredits: min, ttlMs: 0 });
    const held = await ledger.reserve(hold);
    if (books.free < min) {
      expect(held).toMatchObject({ state: 'refused', availableMillicredits: books.free });
      return undefined;
    }
    const reserved = books.free < BigInt(each.want) ? books.free : BigInt(each.want);
    expect(held).toMatchObject({ state: 'held', reservedMillicredits: reserved });
    return void books.open.push({ hold, reserved, isLapsed: false });
  }
  if (each.do === 'grant') {
    await addGrant(knex, { tenantId, amount: BigInt(each.amount), priority: each.priority });
    return void (books.amount += BigInt(each.amount));
  }
  if (each.do === 'lapse') {
    await lapseHolds(knex, { at: AT, limit: 500 });
    for (const open of books.open.filter((hold) => !hold.isLapsed)) {
      open.isLapsed = true;
      books.inbox.push({ unhold: open.reserved, cost: 0n });
    }
    return undefined;
  }
  if (each.do === 'seal') {
    // Two at once: one of them finds the ledger in use, or nothing left.
    const sealer = () => sealPass(knex, { tenantIds: [tenantId], at: AT });
    await Promise.all([sealer(), sealer()]);
    books.spent = books.spentOnceSealed;
    return void (books.inbox = []);
  }
  if (books.open.length === 0) return undefined;
  return end(each, { ledger, books });
}

async function end(
  each: Exclude<Step, { do: 'reserve' | 'grant' | 'lapse' | 'seal' }>,
  { ledger, books }: { ledger: ReturnType<typeof createCreditLedger>; books: Books },
): Promise<void> {
  const { knex } = database;
  const charged = each.do === 'release' ? 0 : each.cost;
  const crashes = each.do === 'settle and crash';
  const { hold } = books.open[each.pick % books.open.length] ?? expect.fail();
  const ended = knex.transaction(async (trx) => {
    if (each.do === 'release') await ledger.release(trx, buildClosing(hold), { reason: 'failed', usage: null });
    else await ledger.settle(trx, buildClosing(hold), usageOf(charged));
    if (crashes) throw new Error('the process dies');
  });
  if (crashes) return expect(ended).rejects.toThrow('dies');
  await ended;
  const { reserved, isLapsed } = books.take(each.pick);
  return void books.inbox.push({ unhold: isLapsed ? 0n : reserved, cost: BigInt(charged) });
}

it(
  'any story of holds, ends, lapses, seals and grants gives the balances of the model',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const tenantId = await buildAccount(database.knex);
        const books = new Books();
        // Nearly all of the plan is in use, so that every story meets the end of its credits.
        await run({ do: 'reserve', want: Number(STARTER_MILLICREDITS) - 5_000, min: 0 }, { tenantId, books });
        for (const each of steps) {
          await run(each, { tenantId, books });
          const grants = await grantsOf(database.knex, tenantId);
          expect(grants.reduce((sum, grant) => sum + grant.held, 0n)).toBe(books.held);
          expect(grants.reduce((sum, grant) => sum + grant.spent, 0n)).toBe(books.spent);
          const balance = await readBalance(database.knex, tenantId, AT);
          expect(balance?.availableMillicredits).toBe(books.amount - books.openHeld - books.spentOnceSealed);
        }
      }),
      { numRuns: 40 },
    );
    expect(await auditBooks(database.knex)).toEqual([]);
  },
);
