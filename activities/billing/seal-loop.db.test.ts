import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid, type EndpointId, type TenantId } from '#domain/ids.ts';
import { buildAccount, buildClosing, buildHold, usageOf, AT } from '#models/credit-ledger/account.fixture.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import type { CreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import { auditBooks } from '#models/credit-ledger/ledger-audit.fixture.ts';
import { findUnsealed } from '#models/credit-ledger/seal-pass.ts';
import { fixedClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { startSealLoop } from './seal-loop.ts';
import { sealLeftovers } from './seal-leftovers.ts';
import { sealTenants } from './seal-tenants.ts';
import type { SealDeps } from './seal-tenants.ts';

let database: FreshDatabase;
let ledger: CreditLedger;
let logged: string[];
let rung: EndpointId[];
let deps: SealDeps;

beforeAll(async () => {
  database = await freshDatabase();
  ledger = createCreditLedger({ knex: database.knex });
  logged = [];
  rung = [];
  const destination = { write: (line: string) => void logged.push(line) };
  deps = {
    knex: database.knex,
    clock: fixedClock(AT),
    logger: createLogger({ level: 'warn', destination }),
    ringEndpoints: (endpointIds) => void rung.push(...endpointIds),
  };
});
afterAll(() => database.drop());

async function endTurn(tenantId: TenantId): Promise<string> {
  const hold = buildHold(tenantId);
  await ledger.reserve(hold);
  await ledger.settle(database.knex, buildClosing(hold), usageOf(400));
  return toUuid(hold.turnId);
}

const isSealed = () => expect.poll(() => findUnsealed(database.knex, { limit: 100 })).toEqual([]);

/** How many statements are begun while a loop of this pace would have begun several. */
async function queriesWithin(windowMs: number): Promise<number> {
  let queries = 0;
  const note = () => void (queries += 1);
  database.knex.on('query', note);
  await new Promise((tick) => setTimeout(tick, windowMs));
  database.knex.removeListener('query', note);
  return queries;
}

describe('the seal loop', () => {
  it('seals what a dead process left, then what it is poked for', async () => {
    const tenants = [await buildAccount(database.knex), await buildAccount(database.knex)];
    for (const tenantId of tenants) await endTurn(tenantId);
    const loop = startSealLoop({ ...deps, everyMs: 5 });
    await isSealed();
    for (const tenantId of tenants) {
      await endTurn(tenantId);
      loop.poke(tenantId);
    }
    await isSealed();
    await loop.stop();
  });

  it('asks nothing while no turn ends', async () => {
    const loop = startSealLoop({ ...deps, everyMs: 1 });
    // Its one look for leftovers is over when it has answered a poke.
    const tenantId = await buildAccount(database.knex);
    await endTurn(tenantId);
    loop.poke(tenantId);
    await isSealed();
    // What it still does for that poke may take a slow machine a while; one that asks for ever is never quiet.
    await expect.poll(() => queriesWithin(60)).toBe(0);
    await loop.stop();
  });

  it('seals what was poked before it stops', async () => {
    const tenantId = await buildAccount(database.knex);
    const loop = startSealLoop({ ...deps, everyMs: 60_000 });
    await endTurn(tenantId);
    loop.poke(tenantId);
    await loop.stop();
    expect(await findUnsealed(database.knex, { limit: 100 })).toEqual([]);
  });

  it('comes back to a tenant whose ledger was in use', async () => {
    const tenantId = await buildAccount(database.knex);
    const loop = startSealLoop({ ...deps, everyMs: 2 });
    await database.knex.transaction(async (trx) => {
      await trx.raw(`select h.seq from ledger_head h where h.tenant_id = ? for update`, [tenantId]);
      await endTurn(tenantId);
      loop.poke(tenantId);
      await new Promise((tick) => setTimeout(tick, 80));
      expect(await findUnsealed(database.knex, { limit: 100 })).toContain(tenantId);
    });
    await isSealed();
    await loop.stop();
  });
});

describe('a tenant whose books are broken', () => {
  it('stops only itself and is reported', async () => {
    const [broken, sound] = [await buildAccount(database.knex), await buildAccount(database.knex)];
    const turn = await endTurn(broken);
    await endTurn(sound);
    // A row that no code writes: it frees more than its grant holds, which the CHECK refuses.
    const change = `update ledger_inbox set unhold_mc = unhold_mc + ? where turn_id = ?`;
    await database.knex.raw(change, [5_000, turn]);
    expect(await sealTenants(deps, { tenantIds: [broken, sound], wait: false })).toMatchObject({ sealedCount: 1 });
    expect(await findUnsealed(database.knex, { limit: 100 })).toEqual([broken]);
    expect(logged.filter((line) => line.includes('ledger not sealed') && line.includes(broken))).toHaveLength(1);
    await database.knex.raw(change, [-5_000, turn]);
    expect(await sealLeftovers(deps)).toBe(1);
    expect(await sealLeftovers(deps)).toBe(0);
  });
});

it('a charge that no grant covers is reported', async () => {
  const tenantId = await buildAccount(database.knex);
  await ledger.reserve(buildHold(tenantId, { wantMillicredits: 15_000_000n }));
  const lost = buildClosing(buildHold(tenantId));
  await ledger.settle(database.knex, lost, usageOf(400));
  await sealTenants(deps, { tenantIds: [tenantId], wait: true });
  expect(logged.some((line) => line.includes('no grant covered') && line.includes('"400"'))).toBe(true);
});

it('the endpoints of what was told are rung after the commit', async () => {
  const tenantId = await buildAccount(database.knex);
  await database.knex.transaction(async (trx) => {
    await trx.raw(
      `insert into webhook_endpoint (tenant_id, id, url, status, created_at)
       values (?, ?, 'http://127.0.0.1:1', 'enabled', ?)`,
      [tenantId, tenantId, AT],
    );
    await trx.raw(`insert into webhook_lane (tenant_id, endpoint_id) values (?, ?)`, [tenantId, tenantId]);
  });
  await endTurn(tenantId);
  await sealTenants(deps, { tenantIds: [tenantId], wait: true });
  expect(rung).toHaveLength(1);
});

it('after all of this the books are sound', async () => {
  expect(await auditBooks(database.knex)).toEqual([]);
});
