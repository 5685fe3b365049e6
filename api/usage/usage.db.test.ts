import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BalanceView, LedgerView, UsageLineList } from '#contract/usage.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Role } from '#domain/permissions.ts';
import { AT, buildClosing, buildHold, usageOf } from '#models/credit-ledger/account.fixture.ts';
import { createCreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import type { CreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import { openAccount } from '#models/credit-ledger/open-account.ts';
import { sealPass } from '#models/credit-ledger/seal-pass.ts';
import { publishFirstPricebook } from '#models/pricebook.ts';
import { fixedClock } from '#platform/clock.ts';

import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import { insertTenantUser, TEST_PASSWORD } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

let database: FreshDatabase;
let api: TestApi;
let ledger: CreditLedger;
const clock = fixedClock(AT);

interface Customer {
  tenantId: TenantId;
  get(path: string): Promise<Response>;
}

beforeAll(async () => {
  database = await freshDatabase();
  api = await startTestApi(database.knex, { clock });
  ledger = createCreditLedger({ knex: database.knex });
  await publishFirstPricebook(database.knex, { at: AT, by: 'test' });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function buildCustomer({
  hasAccount = true,
  role = 'viewer',
}: { hasAccount?: boolean; role?: Role } = {}): Promise<Customer> {
  const { tenantId, email } = await insertTenantUser(database.knex, { role });
  if (hasAccount) await database.knex.transaction((trx) => openAccount(trx, { tenantId, planKey: 'starter', at: AT }));
  const answer = await fetch(`${api.url}/api/customers/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: TEST_PASSWORD }),
  });
  const { token } = (await answer.json()) as { token: string };
  return { tenantId, get: (path) => fetch(`${api.url}${path}`, { headers: { Authorization: `Bearer ${token}` } }) };
}

async function settle(tenantId: TenantId, millicredits: number) {
  const hold = buildHold(tenantId);
  await ledger.reserve(hold);
  const turn = buildClosing(hold);
  await ledger.settle(database.knex, turn, usageOf(millicredits));
  return turn;
}

const seal = (tenantId: TenantId) => sealPass(database.knex, { tenantIds: [tenantId], at: AT });

describe('the balance', () => {
  it('is the same before and after a turn is sealed, but for what still settles', async () => {
    const { tenantId, get } = await buildCustomer();
    await settle(tenantId, 796);
    const before = BalanceView.parse(await (await get('/api/usage/balance')).json());
    await seal(tenantId);
    const after = BalanceView.parse(await (await get('/api/usage/balance')).json());
    expect(before).toEqual({ ...after, settling: { turns: 1, credits: '0.796' } });
    expect(after).toMatchObject({
      available: '14999.204',
      settling: { turns: 0, credits: '0.000' },
      period: { no: 1, starts_at: '2026-03-10T12:00:00.000Z', ends_at: '2026-04-10T12:00:00.000Z' },
      grants: [{ kind: 'included', amount: '15000.000', held: '0.000', spent: '0.796', remaining: '14999.204' }],
    });
  });

  it('counts an open hold as held', async () => {
    const { tenantId, get } = await buildCustomer();
    await ledger.reserve(buildHold(tenantId));
    const balance = BalanceView.parse(await (await get('/api/usage/balance')).json());
    expect(balance).toMatchObject({ available: '14999.000', grants: [{ held: '1.000', spent: '0.000' }] });
  });

  it('of a month without a turn shows its credits', async () => {
    clock.moveBy(32 * 86_400_000);
    const { get } = await buildCustomer();
    const balance = BalanceView.parse(await (await get('/api/usage/balance')).json());
    clock.moveBy(-32 * 86_400_000);
    expect(balance).toMatchObject({ available: '15000.000', period: { no: 2 } });
    expect(balance.grants).toHaveLength(1);
  });

  it('of a tenant without an account is nothing', async () => {
    const { get } = await buildCustomer({ hasAccount: false });
    expect(await (await get('/api/usage/balance')).json()).toEqual({
      available: '0.000',
      settling: { turns: 0, credits: '0.000' },
      period: null,
      grants: [],
    });
  });

  it('is kept by no cache', async () => {
    const { get } = await buildCustomer();
    expect((await get('/api/usage/balance')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('usage lines', () => {
  it('say what was charged and how to recompute it', async () => {
    const { tenantId, get } = await buildCustomer();
    const turn = await settle(tenantId, 796);
    const unsealed = UsageLineList.parse(await (await get(`/api/usage/lines?turn_id=${turn.turnId}`)).json());
    expect(unsealed.data).toEqual([
      {
        turn_id: turn.turnId,
        pos: 1,
        at: turn.at.toISOString(),
        sku: 'model:openai/gpt-5-mini',
        pools: { input: 0, cached_input: 0, cache_write: 0, output: 398 },
        rates: { input: 250_000, cached_input: 25_000, cache_write: 250_000, output: 2_000_000 },
        pricebook_version: 1,
        formula: 'ceil((398 output * 2000000) / 1000000) / 1000',
        credits: '0.796',
        waived: null,
        estimated: false,
        provider_request_id: 'chatcmpl-1',
        ledger_seq: null,
      },
    ]);
    await seal(tenantId);
    const sealed = UsageLineList.parse(await (await get(`/api/usage/lines?session_id=${turn.sessionId}`)).json());
    expect(sealed.data).toEqual([]);
    expect(UsageLineList.parse(await (await get('/api/usage/lines')).json()).data).toMatchObject([{ ledger_seq: 2 }]);
  });

  it('come page by page, newest turn first, each once', async () => {
    const { tenantId, get } = await buildCustomer();
    for (let count = 0; count < 3; count += 1) await settle(tenantId, 10);
    const whole = UsageLineList.parse(await (await get('/api/usage/lines')).json());
    expect(whole.next_cursor).toBeNull();
    expect(whole.data.map((line) => line.pos)).toEqual([1, 2, 1, 2, 1, 2]);
    const ids = whole.data.map((line) => line.turn_id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const pages = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const suffix: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: UsageLineList = UsageLineList.parse(await (await get(`/api/usage/lines?limit=4${suffix}`)).json());
      pages.push(page.data.length);
      cursor = page.next_cursor;
    }
    expect(pages).toEqual([4, 2]);
  });

  it('of another tenant are not shown', async () => {
    const [mine, theirs] = [await buildCustomer(), await buildCustomer()];
    const turn = await settle(theirs.tenantId, 796);
    expect(await (await mine.get(`/api/usage/lines?turn_id=${turn.turnId}`)).json()).toMatchObject({ data: [] });
    expect(await (await mine.get('/api/usage/lines')).json()).toMatchObject({ data: [] });
  });

  it.each(['cursor=bm9uc2Vuc2U', 'cursor=WyJhIiwieCJd', 'limit=0', 'turn_id=trn_1'])('refuse ?%s', async (query) => {
    const { get } = await buildCustomer();
    expect((await get(`/api/usage/lines?${query}`)).status).toBe(422);
  });
});

describe('the ledger', () => {
  it('shows the chain with its head and what is not in it yet', async () => {
    const { tenantId, get } = await buildCustomer();
    await settle(tenantId, 796);
    await seal(tenantId);
    await settle(tenantId, 400);
    const ledgerView = LedgerView.parse(await (await get('/api/usage/ledger?limit=1')).json());
    expect(ledgerView).toMatchObject({ data: [{ seq: 1, kind: 'grant', credits: '15000.000' }], unsealed: 1 });
    const rest = LedgerView.parse(await (await get(`/api/usage/ledger?cursor=${ledgerView.next_cursor}`)).json());
    expect(rest).toMatchObject({ data: [{ seq: 2, kind: 'settle', balance_after: '14999.204' }], next_cursor: null });
    expect(rest.data[0]?.entries.map((entry) => entry.credits)).toEqual(['-0.796', '0.796']);
    expect(rest.head).toEqual({ seq: 2, hash: rest.data[0]?.hash });
    const after = LedgerView.parse(await (await get('/api/usage/ledger?after_seq=1')).json());
    expect(after.data).toEqual(rest.data);
  });

  it('of a tenant without an account is not found', async () => {
    const { get } = await buildCustomer({ hasAccount: false });
    expect((await get('/api/usage/ledger')).status).toBe(404);
  });
});

describe('who may read the usage', () => {
  it.each(['/api/usage/balance', '/api/usage/lines', '/api/usage/ledger'])('%s', async (path) => {
    const agent = await buildCustomer({ role: 'agent' });
    expect((await agent.get(path)).status).toBe(403);
    expect((await fetch(`${api.url}${path}`)).status).toBe(401);
  });
});
